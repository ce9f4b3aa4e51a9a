package gating

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/fcbench/fcbench/ci"
	"github.com/fcbench/fcbench/internal/dial"
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
	found []*search // of the jobs, where capacities are searched

	slower float64 // share by which every answer takes longer on purpose
}

type job struct {
	plan    *experiment.Plan
	subject scenario.Subject
	place   int // of the subject in its scenario
}

func (w *inWorld) words() string { return w.side.Text() }

func (w *inWorld) slowed() float64 { return w.slower }

// identity is all that the runs depend on: the scenarios, whatever they are called and in
// whichever order their keys stand, and what is done around them.
func (w *inWorld) identity() string {
	h := w.side.Hooks
	all := []string{h.Prepare, h.Ready.Command, h.Cleanup}
	for _, p := range w.plans {
		all = append(all, unnamed(p.Scenario.Document()))
	}
	return fmt.Sprintf("%q", all)
}

// unnamed is a document without its name, its keys in order.
func unnamed(document json.RawMessage) string {
	var all map[string]any
	numbers := json.NewDecoder(bytes.NewReader(document))
	numbers.UseNumber()
	if err := numbers.Decode(&all); err != nil {
		return string(document)
	}
	delete(all, "name")
	text, err := json.Marshal(all)
	if err != nil {
		return string(document)
	}
	return string(text)
}

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
		for i, s := range p.Scenario.Subjects {
			w.jobs = append(w.jobs, job{p, s, i})
			all = append(all, subject{p.Scenario.Name, s.Name, p.Schedule.Digest})
		}
	}
	if w.gate.policy.Capacity != nil {
		return w.searches()
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
	err := j.within(ctx, w.hooks(j), func(ctx context.Context) (err error) {
		run, err = j.once(ctx, w.gate, t, w.slower)
		return err
	})
	if run == nil {
		return nil, errors.Join(err, ctx.Err())
	}
	key := subject{j.plan.Scenario.Name, j.subject.Name, j.plan.Schedule.Digest}
	return map[subject]ci.Measured{key: {Run: run}}, err
}

// hooks are what is done around a run: by the scenario, and by the side unless that does it around
// the service that it starts.
func (w *inWorld) hooks(j job) (all []hooks.Config) {
	if h := j.plan.Scenario.Hooks; h != nil {
		all = append(all, *h)
	}
	if w.side != nil && !w.side.Started() {
		all = append(all, own(w.side)...)
	}
	return all
}

// own is the hooks of a side, if it has some.
func own(s *ci.Side) []hooks.Config {
	if !s.Hooked() {
		return nil
	}
	return []hooks.Config{s.Hooks}
}

// within does what hooks say around f. They may reach the hosts that the scenario may.
func (j job) within(ctx context.Context, all []hooks.Config, f func(context.Context) error) error {
	return within(ctx, j.plan.Scenario.AllowHosts, all, f)
}

func within(ctx context.Context, hosts []string, all []hooks.Config, f func(context.Context) error) error {
	if len(all) == 0 {
		return f(ctx)
	}
	dialer, err := dial.New(hosts)
	if err != nil {
		return err
	}
	h, err := hooks.New(all[0], dialer)
	if err != nil {
		return err
	}
	return h.Run(ctx, func(ctx context.Context) error { return within(ctx, hosts, all[1:], f) })
}

// once makes one run on fresh state.
func (j job) once(ctx context.Context, g *Gate, t turn, slower float64) (run *results.Run, err error) {
	if err := g.world.Ready(ctx, j.plan); err != nil {
		return nil, err
	}
	opened, err := g.world.Open(ctx, j.plan, j.subject)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", j.subject.Name, err)
	}
	if slower > 0 {
		err = opened.Slow(slower)
	}
	if err == nil {
		run, err = opened.Run(ctx, experiment.Trial{Plan: j.plan, Repeat: t.pair, Order: t.order, Of: t.of}, g)
	}
	closing, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	return run, errors.Join(err, opened.Close(closing))
}
