package oracle

import (
	"fmt"
	"slices"
	"time"
)

// Report is the verdict on everything observed so far.
type Report struct {
	Oracle string // the model's name: "token-bucket" for the three algorithms it is exact for

	Judged       int64 // decisions
	Unjudged     int64 // errors, decisions without an instant, and all decisions on a key after either
	FalseAdmits  int64 // allowed though the model says no
	FalseDenials int64 // denied though the model says yes

	// Admitted and Entitled count tokens over judged decisions: what the limiter
	// admitted, and what an exact token bucket of the asked rate and burst,
	// left to itself, admits of the same arrivals.
	Admitted, Entitled int64
	// RateError is Admitted/Entitled − 1: 0 when they agree, and 0.01 for one
	// per cent too much. Where nothing was due, an Entitled of 1 keeps it finite.
	RateError float64
	// BurstExcess is by how many tokens the empirical burst σ* of the worst key
	// exceeds the asked burst, rounded up; exactly 0 when it does not.
	BurstExcess float64
	WorstWindow Window // where σ* was reached; zero when nothing was admitted

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
	N       int64
	Allowed bool  // what the limiter said; the model says the opposite
	Held    int64 // the most that the model would have granted, below 0 when in debt
}

// String describes the violation in a sentence.
func (v Violation) String() string {
	verb := "denied"
	if v.Allowed {
		verb = "admitted"
	}
	return fmt.Sprintf("key %q at %dns: %d %s while the model held %d", v.Key, int64(v.At), v.N, verb, v.Held)
}

// Report says what was found so far.
func (j *Judge) Report() Report {
	return Report{
		Oracle:       j.oracle,
		Judged:       j.judged,
		Unjudged:     j.unjudged,
		FalseAdmits:  j.falseAdmits,
		FalseDenials: j.falseDenied,
		Admitted:     j.admitted,
		Entitled:     j.entitled,
		RateError:    float64(j.admitted-j.entitled) / float64(max(j.entitled, 1)),
		BurstExcess:  j.peak.level.minus(j.scale.capacity).ceilFloat(j.scale.period),
		WorstWindow:  j.worstWindow(),
		Violations:   slices.Clone(j.violations),
	}
}

func (j *Judge) worstWindow() Window {
	w := j.peak.window
	if w.Tokens > 0 {
		refill := product(j.scale.rate, int64(w.End-w.Start))
		w.Bound = j.scale.capacity.plus(refill).quo(j.scale.period)
	}
	return w
}
