package headroom

import (
	"encoding/json"
	"math"
)

// Interval is from the least to the most that something may be. An end that is not known
// is infinite, or no number.
type Interval struct{ Low, High float64 }

// Times is the interval of so many times as much.
func (i Interval) Times(factor float64) Interval { return Interval{i.Low * factor, i.High * factor} }

// MarshalJSON writes {"low":…,"high":…}, and null for an end that is not known.
func (i Interval) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		Low  *float64 `json:"low"`
		High *float64 `json:"high"`
	}{known(i.Low), known(i.High)})
}

// known is v, or nil where it is not finite.
func known(v float64) *float64 {
	if math.IsInf(v, 0) || math.IsNaN(v) {
		return nil
	}
	return &v
}
