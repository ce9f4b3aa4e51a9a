package paired

import (
	"errors"
	"fmt"
	"math"

	"github.com/fcbench/fcbench/results"
)

// Judge judges claims by their pairs. It has no state but scratch memory: the
// same data have the same judgement, whatever was judged before. It is for one
// goroutine.
type Judge struct {
	design Design
	claims []Claim
	tables nullTables
	limits []limits // by look

	all       []ranked
	chance    []float64
	d, w      []float64
	order     []int // of claims, by their p-values
	judgement Judgement
}

// limits are the places among the Walsh averages at which the bounds of a look are;
// −1 is no bound.
type limits struct{ fail, pass int }

// NewJudge returns a judge of claims, or everything that is wrong with them and the
// design, among it that nothing could ever be found ([ErrUnreachable]).
func NewJudge(design Design, claims []Claim) (*Judge, error) {
	err := errors.Join(design.Check(chancy(claims)), checkClaims(claims))
	if err != nil {
		return nil, err
	}
	n := design.Pairs()
	j := &Judge{
		design: design, claims: claims, tables: tablesUpTo(n),
		all: make([]ranked, n), chance: make([]float64, n*(n+1)+1), d: make([]float64, n), w: make([]float64, 0, n*(n+1)/2),
		order: make([]int, 0, len(claims)), judgement: Judgement{Claims: make([]Result, len(claims))},
	}
	for _, l := range design.Looks {
		j.limits = append(j.limits, limits{j.tables.critical(l.Pairs, l.Fail), j.tables.critical(l.Pairs, l.Pass)})
	}
	return j, nil
}

// chancy counts the claims that chance has a part in.
func chancy(claims []Claim) (n int) {
	for _, c := range claims {
		if c.Scale != Exact {
			n++
		}
	}
	return n
}

func checkClaims(claims []Claim) error {
	var errs []error
	if len(claims) == 0 {
		errs = append(errs, errors.New("claims is 0; want at least one"))
	}
	names := map[string]bool{}
	for _, c := range claims {
		wrong := func(format string, args ...any) {
			errs = append(errs, fmt.Errorf("claim %q: "+format, append([]any{c.Name}, args...)...))
		}
		if names[c.Name] {
			wrong("name is taken; want one of its own")
		}
		names[c.Name] = true
		if c.Better == results.Neither || c.Better == 0 {
			wrong("better is neither; want a metric of which one direction is better")
		}
		if c.Scale < Ratio || c.Scale > Exact {
			wrong("scale is %d; want Ratio, Additive or Exact", c.Scale)
		}
		if c.Scale == Ratio && c.Better == results.NearZero {
			wrong("scale is Ratio; want Additive for what is best near zero")
		}
		if !(c.Margin > 0 || c.Margin == 0 && c.Scale == Exact) || math.IsInf(c.Margin, 0) {
			wrong("margin is %v; want above 0", c.Margin)
		}
		if !(c.Floor >= 0) || math.IsInf(c.Floor, 0) || c.Floor > 0 && c.Scale != Ratio {
			wrong("floor is %v; want 0 or more, and 0 but on a Ratio scale", c.Floor)
		}
	}
	return errors.Join(errs...)
}

// Look judges the first pairs of every claim, as many as the look, which counts from
// 0, has; samples are in the order of the claims. What it returns is overwritten by
// the next call.
func (j *Judge) Look(look int, samples []Sample, orders []Order) *Judgement {
	n := j.design.Looks[look].Pairs
	out := &j.judgement
	*out = Judgement{Look: look, Pairs: n, Claims: out.Claims}
	for i := range j.claims {
		out.Claims[i] = Result{scale: j.claims[i].Scale, better: j.claims[i].Better, N: n}
		j.measure(&j.claims[i], &out.Claims[i], look, at(samples, i), orders)
	}
	j.adjust(out.Claims)
	out.Verdict = Improved
	undecided := false
	for i := range out.Claims {
		r := &out.Claims[i]
		if r.Verdict == 0 {
			r.Verdict = r.verdict(j.design.Looks[look])
		}
		undecided = undecided || r.Verdict == Inconclusive
		out.Verdict = max(out.Verdict, r.Verdict)
	}
	out.Done = !undecided || out.Verdict > Inconclusive || look == len(j.design.Looks)-1
	return out
}

// at is the sample of a claim; of too few samples the rest is empty.
func at(samples []Sample, i int) Sample {
	if i < len(samples) {
		return samples[i]
	}
	return Sample{}
}

// measure finds all numbers of a claim but those that need the other claims.
func (j *Judge) measure(c *Claim, r *Result, look int, s Sample, orders []Order) {
	r.P, r.PBetter, r.Holm, r.HolmBetter = 1, 1, 1, 1
	if c.Scale == Exact {
		r.exact(c, s)
		return
	}
	d, ok := j.differences(c, r, s)
	if !ok {
		return
	}
	r.P, r.PBetter = signedRank(d, j.tables, j.all[:r.N], j.chance)
	r.PairSD, r.OrderEffect = spread(d), orderEffect(d, orders)
	w := walsh(d, j.w)
	r.Estimate = middle(w)
	r.Lower, r.Upper = math.Inf(-1), math.Inf(1)
	half := len(w) / 2 // where middle has parted the smaller from the greater
	if k := j.limits[look].fail; k >= 0 {
		r.Lower = nth(w[:max(half, k+1)], k)
	}
	if k := j.limits[look].pass; k >= 0 {
		from := min(half, len(w)-1-k)
		r.Upper = nth(w[from:], len(w)-1-k-from)
	}
	r.Implausible = c.Scale == Ratio && r.Estimate <= -math.Ln2
}

// adjust corrects the p-values for their number, after Holm: the least counts as
// often as there are claims, the next once less, and none less than the one before.
func (j *Judge) adjust(claims []Result) {
	j.holm(claims, func(r *Result) (p float64, adjusted *float64) { return r.P, &r.Holm })
	j.holm(claims, func(r *Result) (p float64, adjusted *float64) { return r.PBetter, &r.HolmBetter })
}

func (j *Judge) holm(claims []Result, of func(*Result) (float64, *float64)) {
	order := j.order[:0]
	for i := range claims {
		if claims[i].scale == Exact {
			continue
		}
		p, _ := of(&claims[i])
		k := len(order)
		order = append(order, i)
		for ; k > 0; k-- {
			if before, _ := of(&claims[order[k-1]]); before <= p {
				break
			}
			order[k] = order[k-1]
		}
		order[k] = i
	}
	left := j.design.family(len(order))
	least := 0.0
	for _, i := range order {
		p, adjusted := of(&claims[i])
		least = max(least, min(1, p*float64(left)))
		*adjusted = least
		left--
	}
}

// verdict is the answer of three, or that it became better.
func (r *Result) verdict(l Look) Verdict {
	switch {
	case r.Holm <= l.Fail && r.Estimate >= r.Margin:
		return Regressed
	case r.HolmBetter <= l.Fail && r.Estimate <= -r.Margin:
		return Improved
	case r.Upper < r.Margin:
		return Pass
	}
	return Inconclusive
}
