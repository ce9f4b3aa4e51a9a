package capacity

import "time"

// Verdict is the one word that a search ends with.
type Verdict string

// The verdicts; there are no others.
const (
	Capacity         Verdict = "CAPACITY"          // there is an interval, and it held up
	AtLeast          Verdict = "AT-LEAST"          // the highest value that was allowed keeps the goals
	NoCapacity       Verdict = "NO-CAPACITY"       // the lowest value misses them
	Inconclusive     Verdict = "INCONCLUSIVE"      // the budget was over before the interval was narrow enough
	GeneratorLimited Verdict = "GENERATOR-LIMITED" // the load could not be generated
	UnstableTarget   Verdict = "UNSTABLE-TARGET"   // what it can take changed during the search
)

// Estimate is the capacity by one goal.
type Estimate struct {
	Goal  string  `json:"goal"`
	Value float64 `json:"value"`
	Low   float64 `json:"low"`
	High  float64 `json:"high"`
	Shape string  `json:"shape"` // "smooth", "cliff", or "classified" by MLRsearch
	// Slope is by how many percent the share of bad ones grows when the value grows by
	// one, near the middle; Phi how many times more trials vary than independent
	// requests would. 0 for a cliff.
	Slope float64 `json:"slope,omitempty"`
	Phi   float64 `json:"phi,omitempty"`
	// Spread is how much the edge of a cliff moves between trials, as a share.
	Spread float64 `json:"spread,omitempty"`
	Trials int     `json:"trials"`
}

// HalfWidth is half of the interval, as a share of the value.
func (e Estimate) HalfWidth() float64 { return (e.High - e.Low) / 2 / e.Value }

// End is how the trials at one end of the interval went.
type End struct {
	Value  float64 `json:"value"`
	Trials int     `json:"trials"`
	Passed int     `json:"passed"`
}

// Answer is what a search found.
type Answer struct {
	Strategy Strategy `json:"strategy"`
	Verdict  Verdict  `json:"verdict"`
	Reasons  []string `json:"reasons,omitempty"`
	// Estimate is by the binding goal. Its value is 0 where there is none; for
	// AT-LEAST it is the highest value tried. By MLRsearch it is the relevant lower
	// bound, and its interval is that to the relevant upper bound.
	Estimate
	Goals    []GoalResult `json:"goal_results,omitempty"` // by MLRsearch, in the order of the plan
	Others   []Estimate   `json:"others,omitempty"`       // by goals that are not binding but came near
	Verified []End        `json:"verified,omitempty"`
	Passed   float64      `json:"passed"` // the highest value that passed on the way
	Failed   float64      `json:"failed,omitempty"`
	// Generator is how fast the generator was found to be; nil where it was not calibrated.
	Generator *Generator    `json:"generator,omitempty"`
	Recovery  time.Duration `json:"recovery_ns,omitempty"` // until the goals held after 1.2 times the capacity
	Trials    int           `json:"trials_made"`
	Took      time.Duration `json:"took_ns"` // by all trials
}
