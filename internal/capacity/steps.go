package capacity

import (
	"errors"
	"fmt"
	"math"
	"time"
)

// The steps that MLRsearch takes before it asks for all of a goal, the loads that it looks at
// in each, which are both ends and one between, and the duration sum by default, in trials of
// full length.
const (
	stepsBefore   = 2
	loadsOfAStep  = 3
	trialsOfALoad = 5
)

// Resolved are the terms with all that the plan chose itself.
func (p Plan) Resolved() Terms {
	t := p.Terms
	if t.Final == 0 {
		t.Final = p.Length
	}
	if t.Sum == 0 {
		t.Sum = trialsOfALoad * t.Final
	}
	if t.Initial == 0 {
		t.Initial = min(t.Final, p.leastInitial())
	}
	return t
}

// leastInitial is the length of the first trials, which have to tell what the first step is for.
func (p Plan) leastInitial() time.Duration { return max(briefest, p.telling(p.apart(0)/2)) }

// apart is how far the bounds may be apart after a step, as a share of the lower one.
func (p Plan) apart(step int) float64 { return 2 * p.Precision * float64(int(1)<<(stepsBefore-step)) }

// target is a step to the goal: shorter trials, fewer of them, and bounds farther apart.
type target struct {
	Terms
	apart float64
	last  bool
}

// targets are the steps of a plan; the last is the goal itself.
func (p Plan) targets() (all [stepsBefore + 1]target) {
	t := p.Resolved()
	between := tenths(math.Sqrt(t.Initial.Seconds() * t.Sum.Seconds()))
	for i, sum := range [...]time.Duration{t.Initial, between, t.Sum} {
		all[i] = target{Terms{t.Initial, min(t.Final, sum), sum, t.Exceed}, p.apart(i), i == stepsBefore}
	}
	return all
}

// trial is what the trials of a step are like.
func (t target) trial(p Plan) (warmup, length time.Duration) { return p.warming(t.apart / 2), t.Final }

// trials is how many decide about a load, as chance has it between the fewest and the most.
func (t target) trials() int {
	most := int((t.Sum + t.Final - 1) / t.Final)
	fewest := int(math.Ceil(float64(most) * (1 - t.Exceed)))
	return (fewest + most + 1) / 2
}

// classifying is how long all steps take when nothing surprises them, and the last look.
func (p Plan) classifying() (d time.Duration) {
	steps := p.targets()
	for _, t := range steps {
		d += time.Duration(loadsOfAStep*t.trials()) * p.takes(t.trial)
	}
	return d + 2*atEachEnd*p.takes(steps[stepsBefore].trial)
}

// checkTerms says all that is wrong with the terms of a plan.
func (p Plan) checkTerms() error {
	switch p.by() {
	case Guarded:
		return nil
	case MLRsearch:
	default:
		return fmt.Errorf("the strategy is %q; want %s or %s", p.Strategy, Guarded, MLRsearch)
	}
	var problems []error
	wrong := func(is bool, format string, args ...any) {
		if is {
			problems = append(problems, fmt.Errorf(format, args...))
		}
	}
	t := p.Resolved()
	wrong(!(t.Exceed >= 0 && t.Exceed < 1), "the exceed ratio is %g %%; want 0 %% to less than 100 %%", 100*t.Exceed)
	wrong(t.Final < p.leastLength(), "the final trial is %v; want at least %v%s", t.Final, p.leastLength(), p.whyLong())
	wrong(t.Initial < min(t.Final, p.leastInitial()), "the initial trial is %v; want at least %v", t.Initial, min(t.Final, p.leastInitial()))
	wrong(t.Initial > t.Final, "the initial trial is %v; want at most the final one, %v", t.Initial, t.Final)
	wrong(t.Sum < t.Final, "the duration sum is %v; want at least the final trial, %v", t.Sum, t.Final)
	return errors.Join(problems...)
}
