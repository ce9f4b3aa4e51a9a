package trials

import (
	"context"
	"fmt"
	"time"

	"github.com/fcbench/fcbench/internal/capacity"
	"github.com/fcbench/fcbench/internal/experiment"
	"github.com/fcbench/fcbench/internal/scenario"
	"github.com/fcbench/fcbench/results"
)

// A calibration is of short runs, one after the other. Its connections stay open. The
// fastest is as much as anybody will search.
const (
	probing = 150 * time.Millisecond
	settled = 50 * time.Millisecond // before that
	fastest = 1e7
)

// What is kept up with: nearly all is answered, and half of it soon. After such a run of 1.1 times as
// much as that, half of all is later, where a moment without a core delays a few.
const (
	answered = 0.99
	tooLate  = 5 * time.Millisecond
)

// calibrate finds how fast the same work goes to a target that does nothing. The guards have to
// hold before, as before a trial.
func (m *Maker) calibrate(ctx context.Context, t capacity.Trial) (o capacity.Observation, err error) {
	if err := m.Guards.Before(ctx); err != nil {
		return o, err
	}
	began := time.Now()
	defer func() { o.Took = time.Since(began).Round(time.Millisecond) }()
	n, err := m.startNull(ctx)
	defer n.close(ctx)
	if err != nil {
		return capacity.Observation{Invalid: err.Error()}, context.Cause(ctx)
	}
	seed := t.Seed >> 1
	found, err := ladder{
		most: highestOf(t.Value),
		more: func() bool { return time.Since(began) < t.Length },
		try: func(rate float64) (attempt, error) {
			seed++
			return n.try(ctx, rate, seed)
		},
	}.climb()
	switch {
	case ctx.Err() != nil:
		return o, context.Cause(ctx)
	case err != nil:
		return capacity.Observation{Invalid: err.Error()}, nil
	}
	found.Against, found.Differs, found.Shared = n.against, n.differs, m.shared()
	o.Calibration = &found
	return o, nil
}

// highestOf is the highest rate that is of use, where there is one. A short run needs some arrivals.
func highestOf(asked float64) float64 {
	if asked > 0 {
		return clamp(asked, lowestRung, fastest)
	}
	return fastest
}

func clamp(v, least, most float64) float64 { return max(least, min(most, v)) }

// try makes a run at a rate.
func (n *null) try(ctx context.Context, rate float64, seed uint64) (attempt, error) {
	s, err := n.scenario(rate, seed)
	if err != nil {
		return attempt{}, err
	}
	p, err := n.world.Prepare(ctx, s, results.Real)
	if err != nil {
		return attempt{}, err
	}
	if n.opened == nil {
		if n.opened, err = n.world.Open(ctx, p, s.Subjects[0]); err != nil {
			return attempt{}, err
		}
	}
	run, err := n.opened.Run(ctx, experiment.Trial{Plan: p, Repeat: 1, Order: 1, Of: 1, Brief: true}, silent{})
	if run == nil {
		return attempt{}, err
	}
	return judged(run), nil
}

// judged says whether the generator kept up in a run.
func judged(run *results.Run) (a attempt) {
	a.lag = run.Latency.SendDelayP99()
	ok := run.Latency.Response[results.OK.String()]
	switch n := run.Outcomes[results.OK.String()]; {
	case ok == nil || float64(n) < answered*float64(run.Offered):
		a.why = fmt.Sprintf("%d of %d were answered", n, run.Offered)
	case time.Duration(ok.P50NS) > tooLate:
		a.why = fmt.Sprintf("response.ok.p50 is %s, of what does nothing", results.Short(time.Duration(ok.P50NS)))
	}
	return a
}

// scenario is the work at a rate for what does nothing.
func (n *null) scenario(rate float64, seed uint64) (*scenario.Scenario, error) {
	doc, err := n.over.on(n.doc, rate)
	if err != nil {
		return nil, err
	}
	return runOf(doc, map[string]string{"duration": probing.String(), "warmup": settled.String(), "drain": time.Second.String()}, seed)
}
