// Package oracle judges rate limiters. It holds exact models of their
// algorithms and shares none with the limiters themselves, but for numbers of 128
// bits (package whole).
//
// A [Judge] is told every decision as an [Observation], in the order in which
// the limiter decided. Per key it keeps three things, all in integers:
//
//   - the algorithm's own model, which says what the right answer was. It is
//     charged with the admissions that really happened, right or wrong, so that
//     one error counts once and does not make every later answer an error too;
//   - a token bucket that runs free on the same arrivals, charged only with what
//     it grants itself: what the user was entitled to;
//   - the empirical burst σ*, the smallest bucket that what was really admitted
//     fits into (the arrival curve of network calculus).
//
// Where nobody outside knows the instant of a decision, only Called and Returned,
// the key is judged by what is certain: an admission is wrong if the history has no
// explanation without a wrong one, and a denial if nothing in flight can justify it. Noise
// in the timing may hide an error then, but never makes one up.
//
// Several workers do not finish in the order in which they decided. A [Ring]
// carries each one's observations off its hot path without a lock, and a
// [Sequencer] puts them back into order. A single loop needs neither.
//
// Floats appear in a [Report] only, after all is decided.
package oracle

import (
	"errors"
	"fmt"
	"time"
)

// Limit is the limit under judgement: Rate tokens per Period, Burst at once.
type Limit struct {
	Rate   int64
	Period time.Duration
	Burst  int64
}

// Observation is one decision as seen from outside.
type Observation struct {
	Key      string
	N        int64         // tokens asked for, at least 1
	Called   time.Duration // before the call, on the run's clock
	Returned time.Duration // after it
	// At is the instant the decision used, on the limiter's clock, from which
	// windows are counted; negative when the limiter cannot say. For an
	// errored observation it is the earliest instant at which n may have been taken.
	At time.Duration
	// Until is when an admission took effect or ceased to: for a shaper the
	// instant at which it let the request go, for a limit on what is held at once
	// the instant at which it was given back, on the clock of At. 0 elsewhere.
	Until   time.Duration
	Allowed bool
	Errored bool   // no decision came back; n may or may not have been taken
	Class   uint8  // of the arrival, where classes have limits of their own
	Caller  uint32 // who asked, counted from 1, where several share a key; 0 when unknown
}

// validate reports every problem of the limit.
func (l Limit) validate() error {
	var problems []error
	for _, field := range []struct {
		name  string
		value int64
	}{{"rate", l.Rate}, {"burst", l.Burst}} {
		if field.value < 1 {
			problems = append(problems, fmt.Errorf("%s is %d; want at least 1", field.name, field.value))
		}
	}
	if l.Period < 1 {
		problems = append(problems, fmt.Errorf("period is %v; want at least 1ns", l.Period))
	}
	return errors.Join(problems...)
}
