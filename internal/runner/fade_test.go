package runner

import (
	"context"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/fcbench/fcbench/results"
	"github.com/fcbench/fcbench/targets"
)

// TestFade: 1,000/s for 1 s, and then for 2 s fewer and fewer, of which nothing is recorded;
// only where that is asked for, or where something stops the trial, and not where its
// context ends.
func TestFade(t *testing.T) {
	const gap, window, over = time.Millisecond, time.Second, 2 * time.Second
	for _, tt := range []struct {
		name     string
		fade     time.Duration
		out      bool
		stop     time.Duration // when Stop is set; 0 for never
		cancel   time.Duration // when the context ends
		recorded int
		halves   [2]int // sent in either half of the fade
		partial  bool
	}{
		{"without", 0, false, 0, 0, 1000, [2]int{}, false},
		{"at the end", over, true, 0, 0, 1000, [2]int{750, 250}, false},
		{"not asked for", over, false, 0, 0, 1000, [2]int{}, false},
		{"stopped", over, false, 400 * time.Millisecond, 0, 400, [2]int{750, 250}, true},
		{"stopped without", 0, false, 400 * time.Millisecond, 0, 400, [2]int{}, true},
		{"cancelled", over, true, 0, 400 * time.Millisecond, 400, [2]int{}, true},
		{"cancelled in the fade", over, true, 0, 2 * time.Second, 1000, [2]int{750, 0}, false},
		{"stopped, then cancelled", over, true, 400 * time.Millisecond, 1400 * time.Millisecond, 400, [2]int{750, 0}, true},
	} {
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			var stop atomic.Bool
			ended := false
			from, halves := window, [2]int{}
			if tt.stop > 0 {
				from = tt.stop
			}
			var r tape
			n := 4000
			if tt.fade == 0 {
				n = 1000 // the schedule ends with the window
			}
			tr := trial(&every{gap: gap, n: n}, atOnce{func(_ context.Context, q *targets.Request) targets.Response {
				at := q.Intended
				stop.Store(stop.Load() || tt.stop > 0 && at >= tt.stop-gap)
				if tt.cancel > 0 && at >= tt.cancel-gap && !ended {
					ended = true
					cancel()
					synctest.Wait() // for what waits for the context
				}
				if at >= from {
					halves[min(1, int((at-from)/(over/2)))]++
				}
				return ok
			}}, &r)
			tr.Time, tr.Window, tr.Fade, tr.FadeOut, tr.Stop = results.Virtual, window, tt.fade, tt.out, &stop
			rep, err := Run(ctx, tr)
			if err != nil {
				t.Fatal(err)
			}
			near := func(got, want int) bool { return got >= want-2 && got <= want+2 }
			if !near(len(r.samples), tt.recorded) || rep.Partial != tt.partial || !near(halves[0], tt.halves[0]) || !near(halves[1], tt.halves[1]) {
				t.Errorf("%s: %d recorded, %v sent in the halves of the fade, partial %v; want %d, %v, %v", tt.name, len(r.samples), halves, rep.Partial, tt.recorded, tt.halves, tt.partial)
			}
			if want := min(window, from); !tt.partial && rep.Measured != want {
				t.Errorf("%s: %v measured; want %v", tt.name, rep.Measured, want)
			}
		})
	}
}
