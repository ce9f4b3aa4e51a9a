package experiment

import (
	"io"
	"os"
	"testing"

	"github.com/fcbench/fcbench/internal/bubble"
)

// TestMain lets the test binary be the child that runs in a bubble.
func TestMain(m *testing.M) {
	if _, called := bubble.Called(); called {
		bubble.Main(func(in io.Reader, out io.Writer) int { return InBubble(in, out) })
	}
	os.Exit(m.Run())
}
