package experiment

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"

	"github.com/fcbench/fcbench/internal/hooks"
	"github.com/fcbench/fcbench/results"
)

// Run makes the runs of all plans, until ctx ends. When one breaks, those of
// other subjects go on; what depends on the same Redis does not. Everything that
// was measured is given to o, whatever is returned. After a run in real time that
// was aborted none is made.
//
// In real time one run is made after the other. In virtual time, where nothing
// that a run takes of the machine changes what it finds, as many are made beside
// each other as there are cores to use; their results have no cost. With an event
// log, which has one order, one run is made at a time. What o is told, and in which
// order, is the same either way.
//
// The hooks of the scenario are around all of it: plans of one call have the same.
func Run(ctx context.Context, plans []*Plan, o Observer) error {
	if len(plans) == 0 {
		return makeAll(ctx, plans, o)
	}
	return plans[0].Around(ctx, func(ctx context.Context) error { return makeAll(ctx, plans, o) })
}

// Around calls f between the hooks of the scenario.
func (p *Plan) Around(ctx context.Context, f func(context.Context) error) error {
	if p.Scenario.Hooks == nil {
		return f(ctx)
	}
	h, err := hooks.New(*p.Scenario.Hooks, p.dialer)
	if err != nil {
		return err
	}
	p.onClose(func(ctx context.Context) error { return h.End(ctx) })
	return h.Run(ctx, f)
}

func makeAll(ctx context.Context, plans []*Plan, o Observer) error {
	s := &series{jobs: Order(plans)}
	if workers := min(runtime.GOMAXPROCS(0), len(s.jobs)); workers > 1 && allVirtual(plans) && plans[0].Events == nil {
		s.beside = true
		return s.together(ctx, workers, o)
	}
	return s.oneByOne(ctx, o)
}

func allVirtual(plans []*Plan) bool {
	for _, p := range plans {
		if p.Time != results.Virtual {
			return false
		}
	}
	return true
}

// series is runs that are made in one go.
type series struct {
	jobs   []Job
	beside bool        // others are made at the same time
	broken atomic.Bool // Redis is
	given  bool        // up: a run in real time was aborted, and none is made after it
}

func (s *series) oneByOne(ctx context.Context, o Observer) (err error) {
	for i := range s.jobs {
		run, problem := s.make(ctx, i, o)
		if run != nil {
			s.given = run.Aborted != "" && run.Time == results.Real
			o.End(run)
		}
		err = errors.Join(err, problem)
	}
	return err
}

// together makes the runs on several workers, and tells o of one after the other.
func (s *series) together(ctx context.Context, workers int, o Observer) (err error) {
	all := make([]making, len(s.jobs))
	for i := range all {
		all[i].begun = make(chan Step, 1)
	}
	var next atomic.Int64
	var wg sync.WaitGroup
	for range workers {
		wg.Go(func() {
			for i := int(next.Add(1)) - 1; i < len(all); i = int(next.Add(1)) - 1 {
				all[i].run, all[i].err = s.make(ctx, i, &all[i])
				all[i].end()
			}
		})
	}
	for i := range all {
		for step := range all[i].begun {
			o.Begin(step)
		}
		if all[i].run != nil {
			o.End(all[i].run)
		}
		err, all[i].run = errors.Join(err, all[i].err), nil // 1,000 runs are large
	}
	wg.Wait()
	return err
}

// making is a run that is being made while others are. Its channel has the step
// when the run begins, and is closed when there is no more to come.
type making struct {
	nobody
	begun chan Step
	run   *results.Run
	err   error
}

// Begin keeps the step until its turn.
func (m *making) Begin(s Step) { m.begun <- s }

// end drops the live view of the run, which is large, if the step is still to be told.
func (m *making) end() {
	select {
	case step := <-m.begun:
		step.Live = nil
		m.begun <- step
	default:
	}
	close(m.begun)
}

// make makes the i-th run. There is none where it can no longer be made, or
// nothing was measured.
func (s *series) make(ctx context.Context, i int, o Observer) (*results.Run, error) {
	job := s.jobs[i]
	remote := job.Subject.Scope == onRedis
	if ctx.Err() != nil || s.given || remote && s.broken.Load() {
		return nil, nil
	}
	t := Trial{Plan: job.Plan, Repeat: job.Repeat, Order: i + 1, Of: len(s.jobs), Beside: s.beside}
	run, err := job.Plan.once(ctx, t, job.Subject, o)
	if run != nil {
		err = errors.Join(err, s.finish(run, job))
	}
	if err != nil {
		err = fmt.Errorf("trial %s, repeat %d: %w", job.Subject.Name, job.Repeat, err)
		if remote {
			s.broken.Store(true)
		}
	}
	return run, err
}

// finish adds what is known here alone: a child in a bubble may have read a copy of
// what was asked for. Runs made beside each other have no cost of their own: it could
// not be told apart.
func (s *series) finish(run *results.Run, job Job) (err error) {
	asked := job.Plan.Scenario
	run.Place, run.Workload = job.Place, asked.WorkloadJSON()
	run.Warnings = append(run.Warnings, asked.Notes...)
	if s.beside {
		run.Cost = results.Cost{}
	}
	if run.Virtual() {
		run.ResultDigest, err = results.Digest(run)
	}
	return err
}
