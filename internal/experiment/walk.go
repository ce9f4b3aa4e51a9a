package experiment

import (
	"fmt"
	"time"

	"github.com/fcbench/fcbench/generators"
	"github.com/fcbench/fcbench/internal/scenario"
	"github.com/fcbench/fcbench/results"
)

// firstSaid is after how long a walk through a schedule says how far it has come.
// Each time it says so again after twice the time that had passed then.
const firstSaid = 2 * time.Second

// walked says how far a walk has come.
type walked struct {
	say   func(message string) // nil: nothing
	begun time.Time
	next  time.Duration
}

func newWalked(say func(string)) walked { return walked{say, time.Now(), firstSaid} }

// tell reads the clock, and says something if it is time.
func (w *walked) tell(s *scenario.Scenario, a *generators.Arrival, limit, measured uint64) {
	if w.say == nil {
		return
	}
	passed := time.Since(w.begun)
	if passed < w.next {
		return
	}
	w.next = 2 * passed
	done := float64(a.At) / float64(s.Horizon())
	if limit > 0 {
		done = max(done, float64(measured)/float64(limit))
	}
	left := time.Duration((1/done - 1) * float64(passed)).Round(100 * time.Millisecond)
	w.say(fmt.Sprintf("the schedule is gone through once before anything is sent: %d arrivals so far, %.2g %% of it, about %s to go", a.Seq, 100*done, results.Short(left)))
}
