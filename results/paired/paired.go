// Package paired decides from pairs of runs whether B is worse than A.
//
// A pair is one run of each side, back to back, in an order that was drawn by lot.
// What is judged are the differences within pairs, of which + is always worse: so
// that what drifts from pair to pair is on both sides and cancels out. The test is
// Wilcoxon's signed-rank test, exact, ties and zeros included; the estimate is that of
// Hodges and Lehmann, the median of all averages of two differences; the bounds
// are those which the same test does not reject. It assumes nothing about how noise
// is spread, only that without an effect A and B could change places in a pair.
//
// The answer is one of three: worse by the margin, not worse by the margin, or not
// known; of many claims at once and at several looks the chance that any is called
// worse that is not stays below the sum of [Look.Fail].
//
//	design := paired.Spend([]int{8, 14, 20}, 0.01, 0.05)
//	judge, err := paired.NewJudge(design, claims)
//	orders := design.Orders(seed)
//	… run pairs; at each look:
//	judgement := judge.Look(look, samples, orders)
package paired

import (
	"fmt"
	"math"

	"github.com/fcbench/fcbench/results"
)

// Claim is what a gate promises of one metric: that B is not worse than A by the
// margin or more.
type Claim struct {
	Name   string // of its own among the claims that are judged together
	Better results.Direction
	Scale  Scale
	// Margin is the least difference that matters: a share of A (0.05 is 5 %) on a
	// [Ratio] scale, in the metric's unit on the others.
	Margin float64
	// Floor is the least difference in the metric's unit that matters, whatever share of A it
	// is; 0 is none. For times stamped per request it is [FloorReadings] readings
	// of the clock. Only of a [Ratio].
	Floor float64
	// Steady says that a value may be the same in every run, such as a count or
	// the rate of a schedule that is kept. Of anything else runs that agree in
	// every digit are one thing measured once, and no data.
	Steady bool
}

// FloorReadings is how many readings of the clock a difference of times must be
// worth, of times that are stamped per request: what is less is the clock's.
const FloorReadings = 3

// Scale says how the values of a pair are set against each other.
type Scale uint8

// The scales.
const (
	// Ratio compares logarithms: for times, rates and costs, which are above 0.
	Ratio Scale = iota + 1
	// Additive compares differences: for shares and errors, which may be 0.
	Additive
	// Exact is for what repeats exactly, such as counts in virtual time: there
	// is no chance in it, and any difference beyond the margin is one.
	Exact
)

// Sample is the values of one claim, a pair at each index; NaN is no value.
type Sample struct{ A, B []float64 }

// Order says which side of a pair runs first.
type Order bool

// The orders.
const (
	AB Order = false
	BA Order = true
)

// String returns AB or BA.
func (o Order) String() string {
	if o == BA {
		return "BA"
	}
	return "AB"
}

// Verdict is what is said of a claim or of all.
type Verdict uint8

// The verdicts. Of several the last in this order stands for all.
const (
	Improved Verdict = iota + 1
	Pass
	Inconclusive
	Regressed
	NoData
	Invalid
)

// String returns the verdict as it is shown.
func (v Verdict) String() string {
	if v < Improved || v > Invalid {
		return fmt.Sprintf("Verdict(%d)", uint8(v))
	}
	return [...]string{"", "IMPROVED", "PASS", "INCONCLUSIVE", "REGRESSED", "NO_DATA", "INVALID"}[v]
}

// Result is what is known of a claim after a look. Differences are signed so that
// + is worse: logarithms of ratios on a [Ratio] scale ([Result.Percent] turns them
// into shares), in the metric's unit on the others.
type Result struct {
	Verdict Verdict
	Reason  string // in words, where the numbers do not say it: of NoData and Invalid always
	N       int    // pairs
	// Estimate is the Hodges–Lehmann estimate of the difference. It is at least Lower
	// with the confidence 1 − [Look.Fail], and at most Upper with 1 − [Look.Pass], each
	// of which is what is spent at this look. Infinite is unbounded.
	Estimate, Lower, Upper float64
	P, PBetter             float64 // one-sided: of worse, and of better
	Holm, HolmBetter       float64 // the same, adjusted for the number of claims
	Margin                 float64 // that was applied: the claim's, or its floor, if that is more
	PairSD                 float64 // standard deviation of the differences, bursts included
	OrderEffect            float64 // how much worse the second of a pair is, whichever it is
	MedianA, MedianB       float64 // in the metric's unit
	Identical              bool    // A and B agree in every digit of every pair
	// Implausible is an improvement to less than half: more often than not the
	// benchmark has stopped to do its work. It is for the caller to refuse it.
	Implausible bool

	scale  Scale
	better results.Direction
}

// Percent turns a difference of this result into a share of A: 0.05 is 5 % worse.
// What is better when higher is worse by 5 % where B has 0.95 of A. On other scales it
// returns the difference as it is.
func (r *Result) Percent(difference float64) float64 {
	switch {
	case r.scale != Ratio:
		return difference
	case r.better == results.Higher:
		return -math.Expm1(-difference)
	}
	return math.Expm1(difference)
}

// Change is a difference in the metric's own direction: by which share of A, or by how
// much on other scales, B is higher.
func (r *Result) Change(difference float64) float64 {
	if r.better == results.Higher {
		difference = -difference
	}
	if r.scale == Ratio {
		return math.Expm1(difference)
	}
	return difference
}

// Judgement is what a look at all claims found.
type Judgement struct {
	Look, Pairs int // the look, from 0, and the pairs that it saw
	Verdict     Verdict
	Done        bool // no further look is due
	Claims      []Result
}
