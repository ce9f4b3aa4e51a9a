package main

import (
	"strings"
	"testing"
	"time"

	"github.com/fcbench/fcbench/internal/experiment"
	"github.com/fcbench/fcbench/results"
)

// TestProgressLine: elapsed, offered, admitted, p99, in flight and ETA.
func TestProgressLine(t *testing.T) {
	live := new(results.Live)
	live.Offered.Store(1200)
	live.OK.Store(1000)
	live.Rejected.Store(190)
	live.InFlight.Store(10)
	live.P99NS.Store(int64(1500 * time.Microsecond))
	p := &progress{step: &experiment.Step{Index: 2, Of: 4, Trial: "gcra", Length: 10 * time.Second, Live: live}}
	got := p.line(4 * time.Second)
	for _, want := range []string{"[2/4] gcra 4s", "offered 1200", "ok 1000", "rejected 190", "p99 1.5ms", "in flight 10", "ETA 26s"} {
		if !strings.Contains(got, want) {
			t.Errorf("line is %q; want %q in it", got, want)
		}
	}
}
