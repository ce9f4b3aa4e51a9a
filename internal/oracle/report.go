package oracle

import (
	"fmt"
	"slices"
	"time"
)

// Report is the verdict on everything observed so far.
type Report struct {
	// Oracle is the model's name: "token-bucket" for the three algorithms it is
	// exact for, "composite" for several limits, "bound" for no model.
	Oracle string

	Judged       int64 // decisions
	Unjudged     int64 // errors and what follows on their key, what came out of order, what no model can follow
	FalseAdmits  int64 // allowed though the model says no, or let go too early
	FalseDenials int64 // denied though the model says yes, or let go too late

	// Limitless says that the limiter was held to its Bound alone, because nobody
	// asked for a single limit. Entitled, RateError, BurstExcess, WorstWindow and
	// Starvation, which compare with one, are 0 then, and so is P99 of the jitter.
	Limitless bool

	// Admitted and Entitled count tokens over judged decisions: what the limiter
	// admitted, and what an exact token bucket of the asked rate and burst (or
	// several that all must agree), left to itself, admits of the same
	// arrivals. Of concurrency it is what the model admits after all that the
	// limiter admitted, since nobody knows how long the denied would have held.
	Admitted, Entitled int64
	// RateError is Admitted/Entitled − 1: 0 when they agree, and 0.01 for one
	// per cent too much. Where nothing was due, an Entitled of 1 keeps it
	// finite. 0 for concurrency, which has no rate.
	RateError float64
	// BurstExcess is by how many tokens the empirical burst σ* of the worst key
	// exceeds the asked burst, rounded up; exactly 0 when it does not. It is the
	// least that the limiter's resolution and unknown instants allow. Of a
	// shaper it is about the instants at which it lets go, one request at a time: the
	// burst is the largest cost granted. Of concurrency it is by how much what was held
	// exceeded the limit. Of several limits it is the largest.
	BurstExcess float64
	WorstWindow Window // where σ* was reached; zero when nothing was admitted

	// MostHeld is the most tokens of one key that were held at once, under any limit; 0 but
	// of concurrency.
	MostHeld int64

	// Most is the most that one key was admitted in any one period; without a key when
	// nothing was, or there is no limit.
	Most Peak

	Starvation Starvation // the longest; zero when no key ever waited for what was due
	Jitter     Jitter
	Fairness   Fairness // between callers

	Violations []Violation // the first few
}

// Window is a closed span of time of one key, on the limiter's clock.
type Window struct {
	Key        string
	Start, End time.Duration
	Tokens     int64 // admitted in it
	Bound      int64 // the most that the asked rate and burst allow in it: ⌊B + r·(End−Start)⌋
}

// Violation is one wrong decision.
type Violation struct {
	Key     string
	At      time.Duration
	Within  time.Duration // how much later it may have been taken; 0 when At is certain
	N       int64
	Allowed bool          // what the limiter said; the model says the opposite
	Held    int64         // the most that the model would have granted, below 0 when in debt
	Late    time.Duration // of a shaper: how much later than the model it let go, below 0 for earlier; 0 when that is not the error
}

// String describes the violation in a sentence.
func (v Violation) String() string {
	when := fmt.Sprintf("at %v", v.At)
	if v.Within > 0 {
		when = fmt.Sprintf("between %v and %v", v.At, v.At+v.Within)
	}
	switch {
	case v.Late < 0:
		return fmt.Sprintf("key %q %s: %d let go %v too early", v.Key, when, v.N, -v.Late)
	case v.Late > 0:
		return fmt.Sprintf("key %q %s: %d let go %v too late", v.Key, when, v.N, v.Late)
	}
	verb := "denied"
	if v.Allowed {
		verb = "admitted"
	}
	return fmt.Sprintf("key %q %s: %d %s while the model held %d", v.Key, when, v.N, verb, v.Held)
}

// Report says what was found so far. Keys of which instants are unknown are
// settled as of the latest Returned; what was called before it and is observed
// only after is out of order.
func (j *Judge) Report() Report {
	for k := range j.keys.all {
		if s := j.spanOf(k); s != nil {
			s.finish(j, k)
		}
		j.leave(k, never)
	}
	r := Report{
		Oracle:       j.oracle,
		Limitless:    j.limitless,
		Judged:       j.judged,
		Unjudged:     j.unjudged,
		FalseAdmits:  j.falseAdmits,
		FalseDenials: j.falseDenied,
		Admitted:     j.admitted,
		Entitled:     j.entitled,
		Starvation:   j.starved,
		Jitter:       j.jitter.report(j.asked.scale),
		Fairness:     j.callers.report(),
		Violations:   slices.Clone(j.violations),
		MostHeld:     j.mostHeld,
	}
	if r.Limitless {
		return r
	}
	r.BurstExcess, r.WorstWindow = j.worst()
	r.Most = j.most
	if j.family == holders { // without a rate there is nothing to compare with
		r.Jitter.P99, r.Most = 0, Peak{}
		return r
	}
	r.RateError = float64(j.admitted-j.entitled) / float64(max(j.entitled, 1))
	r.Starvation.Intervals = j.asked.intervals(j.starved.End - j.starved.Start)
	return r
}

// worst is the largest excess over all limits, and its window.
func (j *Judge) worst() (excess float64, window Window) {
	excess, window = j.past.excess, j.past.window
	for i := range 1 + len(j.also) {
		g := j.gauge(i)
		capacity := g.capacity
		if j.family == queues {
			capacity = g.leaving(j.largest)
		}
		over := g.excess(capacity.Plus(j.blurred(g.scale)))
		if i == 0 && !j.changed || over > excess {
			excess, window = over, g.worst(capacity)
		}
	}
	return excess, window
}

// intervals is a time in emission intervals.
func (s *scale) intervals(d time.Duration) float64 {
	return float64(d) / float64(s.period) * float64(s.rate)
}
