package trials

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/fcbench/fcbench/internal/capacity"
	"github.com/fcbench/fcbench/results"
)

const (
	responses     = "response.ok.p"
	rejectedShare = "outcomes.rejected.share"
	outcomes      = "outcomes."
	share         = ".share"
)

// goal is a threshold that trials are held to, and what of it counts.
type goal struct {
	capacity.Goal
	threshold results.Threshold
	outcome   string // of which the share is bounded; "" for others
}

// goals are the thresholds in one currency, or all that is wrong with them.
func goals(thresholds []results.Threshold) (all []goal, err error) {
	for i, t := range thresholds {
		g := goal{Goal: capacity.Goal{Name: t.String()}, threshold: t}
		path := t.Metric.Path
		outcome, isShare := strings.CutSuffix(path, share)
		outcome, isOutcome := strings.CutPrefix(outcome, outcomes)
		if t.Metric.Unit == results.UnitNS && strings.Contains(path, "response") {
			g.Within = time.Duration(t.Bound)
		}
		switch {
		case strings.HasPrefix(path, responses):
			g.Budget = 1 - results.ShareOf(strings.TrimPrefix(path, responses[:len(responses)-1]))
			err = errors.Join(err, below(t))
		case isShare && isOutcome && outcome != results.OK.String():
			g.outcome, g.Budget = outcome, max(t.Bound, 0)
			err = errors.Join(err, below(t))
		}
		err = errors.Join(err, hopeless(t))
		for _, other := range thresholds[:i] {
			err = errors.Join(err, contradict(other, t))
		}
		all = append(all, g)
	}
	return all, err
}

// count is how a goal fared in a run. Whatever is not ok in time counts against a
// response; what was rejected does where no goal says how much may be.
func (g goal) count(run *results.Run, rejectedIsBounded bool) (capacity.Count, error) {
	switch {
	case g.Hard():
		c := g.threshold.Check(run)
		if c.NoData {
			return capacity.Count{}, fmt.Errorf("goal %q has no data: nothing measures %s here; want another goal", g.Name, g.threshold.Metric.Path)
		}
		if c.OK {
			return capacity.Count{Of: 1}, nil
		}
		return capacity.Count{Bad: 1, Of: 1}, nil
	case g.outcome != "":
		return capacity.Count{Bad: run.Outcomes[g.outcome], Of: run.Offered}, nil
	}
	of := run.Offered
	if rejectedIsBounded {
		of -= run.Outcomes[results.Rejected.String()]
	}
	ok := run.Latency.Response[results.OK.String()]
	if ok == nil {
		return capacity.Count{Bad: of, Of: of}, nil
	}
	good, err := ok.Within(int64(g.Goal.Within))
	return capacity.Count{Bad: of - min(good, of), Of: of}, err
}

// value is that of the metric that a goal is about; nil where a run has none that is
// a number.
func (g goal) value(run *results.Run) *float64 {
	c := g.threshold.Check(run)
	if c.NoData || math.IsNaN(c.Value) || math.IsInf(c.Value, 0) {
		return nil
	}
	return &c.Value
}
