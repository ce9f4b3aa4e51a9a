package experiment

import (
	"fmt"
	"time"

	"github.com/fcbench/fcbench/generators"
	"github.com/fcbench/fcbench/internal/scenario"
	"github.com/fcbench/fcbench/results"
)

// aWhile is how long a walk through a schedule goes on without a word. Each word
// comes after twice the time of the one before.
const aWhile = 2 * time.Second

// patience says now and then how far a walk has come.
type patience struct {
	say   func(message string) // nil: nothing
	begun time.Time
	next  time.Duration
}

func newPatience(say func(string)) patience { return patience{say, time.Now(), aWhile} }

// ask looks at the clock, and says something if it is time.
func (p *patience) ask(s *scenario.Scenario, a *generators.Arrival, limit, measured uint64) {
	if p.say == nil {
		return
	}
	passed := time.Since(p.begun)
	if passed < p.next {
		return
	}
	p.next = 2 * passed
	done := float64(a.At) / float64(s.Horizon())
	if limit > 0 {
		done = max(done, float64(measured)/float64(limit))
	}
	left := time.Duration((1/done - 1) * float64(passed)).Round(100 * time.Millisecond)
	p.say(fmt.Sprintf("the schedule is gone through once before anything is sent: %d arrivals so far, %.2g %% of it, about %s to go", a.Seq, 100*done, results.Short(left)))
}
