package capacity

import (
	"context"
	"time"
)

// Goal is what has to hold. Trials report on goals in the order of the plan.
type Goal struct {
	Name string `json:"name"`
	// Budget is the share of bad requests that keeps the goal; 0 where a trial
	// keeps it or not, as a whole.
	Budget float64 `json:"budget,omitempty"`
	// Within is the time that a response may take, where the goal is about that. Only
	// trials that are long against it can tell that more arrives than is served.
	Within time.Duration `json:"within_ns,omitempty"`
}

// Hard reports whether a trial keeps the goal or not, without a share.
func (g Goal) Hard() bool { return g.Budget == 0 }

// Phase is what a trial is for.
type Phase string

// The phases, in order.
const (
	Calibrate Phase = "calibrate" // of the generator: nothing is sent to the target
	Floor     Phase = "floor"
	Ramp      Phase = "ramp"
	Return    Phase = "return"
	Rest      Phase = "rest"
	Bisect    Phase = "bisect"
	Centre    Phase = "centre"
	Local     Phase = "local"
	Verify    Phase = "verify"
	Classify  Phase = "classify"
	Most      Phase = "most"
	Descent   Phase = "descent"
	Soak      Phase = "soak"
)

// Trial is one to be made.
type Trial struct {
	Number int           `json:"trial"` // from 1; of a calibration that of the trial before
	Phase  Phase         `json:"phase"`
	Value  float64       `json:"value"`     // of what is searched, such as arrivals per second; of a calibration the highest of use, 0 for any
	Warmup time.Duration `json:"warmup_ns"` // that does not count
	Length time.Duration `json:"length_ns"`
	Fade   time.Duration `json:"ramp_down_ns,omitempty"` // in which its load goes in the end
	Seed   uint64        `json:"seed"`                   // another one for every trial
}

// Count is how a goal fared in a trial: so many bad ones of so many. For a hard
// goal it is 0 of 1 or 1 of 1.
type Count struct {
	Bad uint64 `json:"bad"`
	Of  uint64 `json:"of"`
}

// Observation is what a trial found.
type Observation struct {
	Goals   []Count `json:"goals"`
	Backlog bool    `json:"backlog,omitempty"` // it grew to the end: more came than was served
	Busy    float64 `json:"busy"`              // requests in flight, on average
	// Limited says why the generator, and not the target, was at its limit; Down
	// that the target answered nothing; Invalid what else spoiled the trial. A trial
	// with one of them counts for nothing.
	Limited string        `json:"limited,omitempty"`
	Down    string        `json:"down,omitempty"`
	Invalid string        `json:"invalid,omitempty"`
	Took    time.Duration `json:"took_ns"`

	Calibration *Calibration `json:"calibration,omitempty"` // what one found, and nothing else; nil where there can be none, and Invalid says why

	// For curves; nothing is decided by them. What was not measured is nil, as is what
	// files of trials do not have that were written before it was kept.
	Goodput *float64 `json:"goodput,omitempty"` // per second
	P50     *int64   `json:"p50_ns,omitempty"`  // of responses that were ok
	P99     *int64   `json:"p99_ns,omitempty"`
	// Values are those of the metrics that the goals are about, in their units and in
	// the order of the goals.
	Values []*float64 `json:"values,omitempty"`
	Lag    *int64     `json:"lag_p99_ns,omitempty"` // send delay, in real time; nothing is decided by it either
}

// Measure makes a trial.
type Measure func(context.Context, Trial) (Observation, error)

// level is how much of its budget a goal used: 1 is the edge.
func (g Goal) level(c Count) float64 {
	switch {
	case g.Hard() && c.Bad == 0:
		return 0
	case g.Hard():
		return unbearable
	case c.Of == 0:
		return 0
	}
	return float64(c.Bad) / float64(c.Of) / g.Budget
}

// unbearable is the level of what failed as a whole.
const unbearable = 1e9
