package main

import (
	"context"
	"errors"
	"math"
	"strings"
	"time"

	"github.com/fcbench/fcbench/internal/capacity/whatif"
	"github.com/fcbench/fcbench/internal/experiment"
	"github.com/fcbench/fcbench/internal/scenario"
	"github.com/fcbench/fcbench/results"
)

// validated is a point of the grid that was run.
type validated struct {
	Trial     string           `json:"trial"`
	Predicted uint64           `json:"predicted"` // rejected
	Observed  uint64           `json:"observed"`
	Offered   uint64           `json:"offered"`
	Points    float64          `json:"points"` // by how many percentage points the shares differ
	Time      results.Time     `json:"time"`
	Validity  results.Validity `json:"validity"`
}

// validatePoints runs points that are spread over the grid.
func (o *whatifOptions) validatePoints(ctx context.Context, w *experiment.World, all []*scenario.Scenario, points []whatif.Point) (done []validated, err error) {
	kind := results.Real
	if o.virtual {
		kind = results.Virtual
	}
	plans, err := w.PrepareAll(ctx, all, kind)
	if err == nil {
		err = w.Ready(ctx, plans...)
	}
	if err != nil {
		return nil, unfit(ctx, err)
	}
	subjects := len(all[0].Subjects)
	for _, i := range spreadOver(len(points), o.validate) {
		p := plans[i/subjects]
		run, problem := runOnce(ctx, p, p.Scenario.Subjects[i%subjects])
		if ctx.Err() != nil {
			return done, err
		}
		if err = errors.Join(err, problem); run == nil {
			continue
		}
		one := validated{
			Trial: points[i].Trial, Predicted: points[i].Rejected, Observed: run.Outcomes[results.Rejected.String()],
			Offered: run.Offered, Time: run.Time, Validity: run.Validity,
		}
		one.Points = 100 * (float64(one.Observed)/math.Max(1, float64(one.Offered)) - points[i].Share)
		if run.Validity.Verdict == results.Invalid {
			err = errors.Join(err, fail(exitInvalid, "%s: what was observed is invalid: %s", one.Trial, strings.Join(run.Validity.Reasons, "; ")))
		}
		done = append(done, one)
	}
	return done, err
}

// spreadOver is n of so many, the first and the last among them.
func spreadOver(of, n int) (all []int) {
	if n >= of {
		n = of
	}
	for k := range n {
		if n == 1 {
			return []int{of / 2}
		}
		all = append(all, k*(of-1)/(n-1))
	}
	return all
}

// runOnce makes one run of a subject.
func runOnce(ctx context.Context, p *experiment.Plan, subject scenario.Subject) (*results.Run, error) {
	opened, err := p.Open(ctx, p, subject)
	if err != nil {
		return nil, err
	}
	run, err := opened.Run(ctx, experiment.Trial{Plan: p, Repeat: 1, Order: 1, Of: 1, Brief: true}, unheard{})
	closing, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	return run, errors.Join(err, opened.Close(closing))
}

// unheard is told how runs proceed, and tells nobody.
type unheard struct{}

func (unheard) Begin(experiment.Step) {}
func (unheard) End(*results.Run)      {}
