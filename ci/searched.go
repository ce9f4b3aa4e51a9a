package ci

import (
	"fmt"
	"math"
	"strings"
)

// Searched is what a search for a capacity found of one side.
type Searched struct {
	Value float64 // 0 where there is none
	// Low and High are between what it lies; 0 and infinite where that is not known.
	Low, High float64
	// Outcome is Invalid or Inconclusive where the search came to no end, and "" where it did.
	Outcome Outcome
	Reason  string
	// Rough says that there is no estimate to be paired with another: what is known are
	// Low and High.
	Rough bool
}

// value is that of the search.
func (s *Searched) value() (float64, bool) { return s.Value, s.Value > 0 }

// unpaired are the searches that a claim is decided by without statistics: that of a
// bound, and those that did not come to estimates on both sides. nil is none.
func (c Case) unpaired(u *Unit, claim Claim) (a, b *Searched) {
	bound := &Searched{Value: claim.AtLeast, Low: claim.AtLeast, High: claim.AtLeast}
	for _, p := range u.Pairs {
		a, b = p.A.Search, p.B.Search
		if c.Policy.Bounded() {
			return bound, b
		}
		if a != nil && b != nil && (a.Rough || b.Rough) {
			return a, b
		}
	}
	return nil, nil
}

// apart decides by where the capacities of both sides lie, each as sure as its search is.
func (f *Finding) apart(a, b *Searched) {
	var reasons []string
	for _, s := range []*Searched{a, b} {
		if s.Reason != "" {
			reasons = append(reasons, s.Reason)
		}
	}
	reason := strings.Join(reasons, "; ")
	lost := func(v float64) float64 { return v - f.margin.Relative*v - f.margin.Absolute }
	f.Change, f.bottomless = change(f.A, f.B, f.Relative), b.Low == 0
	f.Low, f.High = f.between(a.High, b.Low), f.between(a.Low, b.High)
	switch {
	case a.Outcome != "" || b.Outcome != "":
		f.undecided(Worst(a.Outcome, b.Outcome), reason)
	case b.High < lost(a.Low):
		f.undecided(Regressed, reason)
	case b.Low >= lost(a.High):
		f.undecided(Pass, reason)
	case math.IsInf(a.High, 1) && math.IsInf(b.High, 1):
		f.undecided(Inconclusive, reason+": want a higher most")
	case a.Low == 0 && b.Low == 0:
		f.undecided(Inconclusive, reason+": want a lower from")
	case reason == "":
		f.undecided(Inconclusive, fmt.Sprintf("it is between %s and %s: want a finer precision, and a budget for it", f.Value(b.Low), f.Value(b.High)))
	default:
		f.undecided(Inconclusive, reason)
	}
}

// between is the change from a to b, an end of what that may be; nil where it is not known.
func (f *Finding) between(a, b float64) *float64 {
	if f.Relative && a == 0 {
		return nil
	}
	return bound(change(a, b, f.Relative))
}
