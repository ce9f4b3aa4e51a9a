package capacity

import "math"

// GoalResult is what MLRsearch (RFC 9971) found of one goal. A regular result has both
// bounds, and they are as near as was asked for.
type GoalResult struct {
	Goal    string `json:"goal"`
	Regular bool   `json:"regular"`
	// Lower is the relevant lower bound: the highest load below Upper that trials
	// classified as one that keeps the goal. Upper is the relevant upper bound: the
	// lowest that they classified as one that misses it. 0 for one that there is not.
	Lower float64 `json:"relevant_lower_bound,omitempty"`
	Upper float64 `json:"relevant_upper_bound,omitempty"`
	// Throughput is the conditional one: how much of the load was good at the lower bound.
	Throughput float64 `json:"conditional_throughput,omitempty"`
}

// result is what was found of a goal.
func (c *classification) result(goal int) GoalResult {
	t := c.Resolved()
	r := GoalResult{Goal: c.Goals[goal].Name}
	r.Lower, r.Upper = c.bounds(func(load float64) bound { return c.ofGoal(t, load, goal) })
	r.Regular = r.Lower > 0 && r.Upper > 0 && (r.Upper/r.Lower-1 <= c.apart(stepsBefore) || c.Whole && r.Upper-r.Lower <= 1)
	if r.Lower > 0 {
		r.Throughput = t.throughput(r.Lower, c.lostAt(r.Lower, goal))
	}
	return r
}

// keep writes what was found into the answer: the bounds of all goals together, and the
// results of each. The estimate is that of the goal whose upper bound is the lowest.
func (c *classification) keep() {
	t := c.Resolved()
	c.answer.Goals = nil
	binding := 0
	for i := range c.Goals {
		r := c.result(i)
		c.answer.Goals = append(c.answer.Goals, r)
		if least := c.answer.Goals[binding].Upper; r.Upper > 0 && (least == 0 || r.Upper < least) {
			binding = i
		}
	}
	low, high := c.bounds(func(load float64) bound { return c.of(t, load) })
	if low > 0 && (high > 0 || c.Most > 0 && low >= c.value(c.Most)) {
		c.answer.Estimate = Estimate{
			Goal: c.Goals[binding].Name, Shape: "classified", Value: low, Low: low, High: high,
			Trials: len(c.lostAt(low, binding)) + len(c.lostAt(high, binding)),
		}
	}
}

// settle is the end of a search that found its bounds, unless the target changed meanwhile.
func (c *classification) settle() error {
	c.keep()
	if err := c.moved(); err != nil {
		return err
	}
	c.answer.Verdict = Capacity
	return nil
}

// near are the trials near the bounds, as those of a search by a curve.
func (c *classification) near() *local {
	l := &local{search: c.search, at: math.Sqrt(c.low * c.high)}
	for _, m := range c.made {
		if math.Abs(m.Value/l.at-1) <= widestReach {
			l.trials = append(l.trials, m)
		}
	}
	return l
}
