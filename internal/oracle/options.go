package oracle

import (
	"errors"
	"fmt"
	"time"
)

// Options say what a limiter claims to be.
type Options struct {
	// Algorithm is that of an exact model, such as "gcra". Another name, or none,
	// needs a Bound.
	Algorithm string
	// Limit is what was asked for. Beside a Bound a Burst of 0 stands for one of
	// Rate, as windows have it, and the zero Limit says that nobody asked for a
	// single one, so that there is nothing but the Bound to compare with.
	Limit Limit
	// Also are further limits that hold at the same time, all or nothing. Exact
	// models have them of buckets alone, for which "composite" is one more name.
	Also []Limit
	// Bound is what a limiter without an exact model is held to: the most that it may
	// admit, in tokens, in any window of length w, both ends included. Not
	// used when there is a model.
	Bound func(w time.Duration) int64
	// Shaper says that Bound is about the instants Until, at which requests are
	// let go, and not about At. An exact model knows by itself.
	Shaper bool
	// Resolution is the step to which the limiter keeps time, for 0 and 1 exact.
	// A decision is then wrong only if the model disagrees at every instant
	// from At − Resolution to At + Resolution.
	Resolution time.Duration
	// OneKey says that the limiter does not look at keys. All are judged as one
	// then, whose name is empty.
	OneKey bool
}

// NewJudge returns the judge of a limiter. Window algorithms have no burst of
// their own: their Burst is ignored and they are measured against a burst of
// Rate. Concurrency has no rate: it is Burst that may be held. The error names
// every problem.
func NewJudge(o Options) (*Judge, error) {
	r, err := o.rule()
	most := Peak{Period: o.Limit.Period, Asked: o.Limit.Rate, Burst: o.Limit.Burst}
	limitless := r.family == bounds && o.Limit == Limit{}
	switch {
	case r.windowed():
		o.Limit.Burst = max(o.Limit.Rate, 1) // a bad rate is one problem, not two
	case r.family == holders:
		o.Limit.Rate, o.Limit.Period = 1, 1
	case r.family == bounds:
		o.Limit, o.Also = o.Limit.withBurst(), withBursts(o.Also)
	}
	problems := []error{err}
	if !limitless {
		problems = append(problems, o.Limit.validate())
	}
	for _, l := range o.Also {
		problems = append(problems, l.validate())
	}
	if len(o.Also) > 0 && err == nil && r.family != buckets && r.family != bounds {
		problems = append(problems, fmt.Errorf("algorithm is %q with %d limits; want a bucket, as only these combine", o.Algorithm, 1+len(o.Also)))
	}
	if o.Resolution < 0 {
		problems = append(problems, fmt.Errorf("resolution is %v; want at least 0", o.Resolution))
	}
	if err := errors.Join(problems...); err != nil {
		return nil, err
	}
	j := newJudge(r, o)
	if j.limitless, j.most = limitless, most; r.windowed() {
		j.most.Burst = 0
	}
	return j, nil
}

// withBurst is a limit that has a burst: of one without, what a period brings.
func (l Limit) withBurst() Limit {
	if l.Burst == 0 {
		l.Burst = l.Rate
	}
	return l
}

func withBursts(limits []Limit) (all []Limit) {
	for _, l := range limits {
		all = append(all, l.withBurst())
	}
	return all
}

// rule finds the model, or the bound where there is none.
func (o Options) rule() (rule, error) {
	r, err := ruleOf(o.Algorithm)
	switch {
	case o.Algorithm == "composite" || err == nil && r.family == buckets && len(o.Also) > 0:
		also := o.Also
		return rule{oracle: "composite", model: func(l Limit) func() model {
			return compositeModel(append([]Limit{l}, also...))
		}}, nil
	case err != nil && o.Bound != nil:
		return rule{oracle: "bound", family: bounds, model: func(l Limit) func() model {
			return boundedModel(l, o.Bound)
		}}, nil
	}
	return r, err
}

func newJudge(r rule, o Options) *Judge {
	j := &Judge{
		rule:       r,
		shaper:     r.family == queues || r.family == bounds && o.Shaper,
		fresh:      r.model(o.Limit),
		resolution: tolerance(o.Resolution),
		lean:       r.oracle == "token-bucket",
		keys:       newIndex(),
		oneKey:     o.OneKey,
		period:     o.Limit.Period,
		recent:     recent{period: o.Limit.Period},
		asked:      gauge{scale: newScale(o.Limit)},
		also:       make([]gauge, len(o.Also)),
	}
	for i, l := range o.Also {
		j.also[i].scale = newScale(l)
	}
	j.quiet = j.quietFor(o.Limit)
	j.untouched = bucket{scale: j.asked.scale}
	switch {
	case r.windowed():
		j.upper, j.bound = r.trailing(o.Limit), boundedModel(o.Limit, r.most(o.Limit))
	case r.family == bounds:
		j.bound = j.fresh
	default:
		j.upper = j.fresh
	}
	return j
}

// tolerance is the whole step, for what is kept to one nanosecond is exact.
func tolerance(step time.Duration) time.Duration {
	if step > 1 {
		return step
	}
	return 0
}
