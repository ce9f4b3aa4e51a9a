package gating

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/fcbench/fcbench/ci"
	"github.com/fcbench/fcbench/internal/experiment"
	"github.com/fcbench/fcbench/internal/hooks"
	"github.com/fcbench/fcbench/internal/observe"
	"github.com/fcbench/fcbench/internal/scenario"
	"github.com/fcbench/fcbench/results"
)

// subject is one thing that a side measures by itself, in its own order.
type subject struct {
	scenario, name, digest string
}

// side is one of the two that are compared.
type side interface {
	// prepare does once what takes long, such as building, and says what there is
	// to be measured; nil where only the first measurement can tell.
	prepare(ctx context.Context) ([]subject, error)
	// measure makes one run of the i-th subject, or of all where there are none.
	measure(ctx context.Context, i int, t turn) (map[subject]ci.Measured, error)
	words() string
	identity() string // of what is measured; sides that have the same one are one thing
	close() error
}

// turn is one run within the experiment.
type turn struct {
	pair, order, of int
	number          uint64 // of the run; unlike that of any other
}

// inWorld measures in this process.
type inWorld struct {
	gate  *Gate
	side  *ci.Side // nil where there are no sides
	plans []*experiment.Plan
	jobs  []job
}

type job struct {
	plan    *experiment.Plan
	subject scenario.Subject
}

func (w *inWorld) words() string { return w.side.Text() }

func (w *inWorld) identity() string { return w.side.Text() }

func (w *inWorld) close() error { return nil }

func (w *inWorld) time() results.Time {
	if w.gate.policy.Virtual {
		return results.Virtual
	}
	return results.Real
}

func (w *inWorld) prepare(ctx context.Context) (all []subject, err error) {
	scenarios, err := load(w.gate.policy, w.side)
	if err != nil {
		return nil, &experiment.Unfit{Err: err}
	}
	if w.plans, err = w.gate.world.PrepareAll(ctx, scenarios, w.time()); err != nil {
		return nil, err
	}
	for _, p := range w.plans {
		for _, s := range p.Scenario.Subjects {
			w.jobs = append(w.jobs, job{p, s})
			all = append(all, subject{p.Scenario.Name, s.Name, p.Schedule.Digest})
		}
	}
	return all, nil
}

func (w *inWorld) measure(ctx context.Context, i int, t turn) (map[subject]ci.Measured, error) {
	return w.observed(ctx, i, t, 0)
}

// observed measures while it watches a process, if there is one.
func (w *inWorld) observed(ctx context.Context, i int, t turn, pid int) (map[subject]ci.Measured, error) {
	j := w.jobs[i]
	if pid > 0 {
		watched, plan := *j.plan.Scenario, *j.plan
		watched.Observe = &observe.Config{PID: pid}
		plan.Scenario = &watched
		j.plan = &plan
	}
	var run *results.Run
	around := []hooks.Config{}
	if h := j.plan.Scenario.Hooks; h != nil {
		around = append(around, *h)
	}
	if w.side != nil && !w.side.Started() && w.side.Hooked() {
		around = append(around, w.side.Hooks)
	}
	err := within(ctx, w.gate, around, func(ctx context.Context) (err error) {
		run, err = j.once(ctx, w.gate, t)
		return err
	})
	if run == nil {
		return nil, errors.Join(err, ctx.Err())
	}
	key := subject{j.plan.Scenario.Name, j.subject.Name, j.plan.Schedule.Digest}
	return map[subject]ci.Measured{key: {Run: run}}, err
}

// within does what hooks say around f.
func within(ctx context.Context, g *Gate, all []hooks.Config, f func(context.Context) error) error {
	if len(all) == 0 {
		return f(ctx)
	}
	h, err := hooks.New(all[0], g.dialer)
	if err != nil {
		return err
	}
	return h.Run(ctx, func(ctx context.Context) error { return within(ctx, g, all[1:], f) })
}

// once makes one run on fresh state.
func (j job) once(ctx context.Context, g *Gate, t turn) (run *results.Run, err error) {
	if err := g.world.Ready(ctx, j.plan); err != nil {
		return nil, err
	}
	opened, err := g.world.Open(ctx, j.plan, j.subject)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", j.subject.Name, err)
	}
	run, err = opened.Run(ctx, experiment.Trial{Plan: j.plan, Repeat: t.pair, Order: t.order, Of: t.of}, g)
	closing, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	return run, errors.Join(err, opened.Close(closing))
}
