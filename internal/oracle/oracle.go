// Package oracle holds exact models of rate limiting algorithms and judges
// observed decisions against them. It shares no code with the limiters.
package oracle

import "time"

// Limit is the limit under judgement: Rate tokens per Period, Burst at once.
type Limit struct {
	Rate   int64
	Period time.Duration
	Burst  int64
}

// Observation is one decision as seen from outside.
type Observation struct {
	Key      string
	N        int64
	Called   time.Duration // before the call, on the run's clock
	Returned time.Duration // after it
	At       time.Duration // the instant the decision used, on the limiter's clock
	Allowed  bool
	Errored  bool // no decision came back; n may or may not have been taken
}
