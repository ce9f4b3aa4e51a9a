//go:build unix

package generators

import (
	"math"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"
)

// TestConcurrentFifo: a fifo has one reader, whatever the number of streams.
func TestConcurrentFifo(t *testing.T) {
	name := filepath.Join(t.TempDir(), "fifo")
	if err := syscall.Mkfifo(name, 0o600); err != nil {
		t.Fatal(err)
	}
	go func() { _ = os.WriteFile(name, []byte(gzipped(t, "0.0,a\n1.0,b\n")), 0o600) }()
	files := new(Files)
	for range 2 {
		p := must(NewTrace(TraceConfig{File: name, Files: files}))(t)
		if n := len(arrivals(t, mustWorkload(t, 1, Stream{Process: p}).Schedule(time.Hour), math.MaxInt)); n != 2 {
			t.Errorf("%d arrivals; want 2", n)
		}
	}
}
