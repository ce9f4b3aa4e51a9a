package doctor

import (
	"fmt"
	"os"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/fcbench/fcbench/internal/echo"
)

func TestMain(m *testing.M) {
	if echo.Called() {
		if err := echo.Main(os.Stdin, os.Stdout); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	goleak.VerifyTestMain(m)
}

// TestReceive: a service answers, and every answer is taken after it came.
func TestReceive(t *testing.T) {
	t.Setenv("GORACE", "atexit_sleep_ms=0")
	r, err := receive(t.Context(), 50*time.Millisecond)
	if err != nil {
		t.Fatal(err)
	}
	if !r.Known {
		t.Log("this system does not tell")
		return
	}
	if r.Answers+r.Missed == 0 || r.Answers > 0 && (r.P50 <= 0 || r.P99 < r.P50 || r.Max < r.P99*31/32) || r.ThreadP50 <= 0 || r.ThreadP99 < r.ThreadP50 {
		t.Errorf("answers are taken %+v late; want them told", r)
	}
}

func TestRank(t *testing.T) {
	var all []time.Duration
	for i := range 150 {
		all = append(all, time.Duration(i+1))
	}
	if p50, p99, one, none := rank(all, 50), rank(all, 99), rank(all[:1], 99), rank(nil, 50); p50 != 75 || p99 != 149 || one != 1 || none != 0 {
		t.Errorf("ranks are %d, %d, %d and %d; want 75, 149, 1 and 0", p50, p99, one, none)
	}
}
