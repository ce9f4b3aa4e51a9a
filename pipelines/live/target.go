package live

import (
	"context"
	"time"

	"github.com/fcbench/fcbench/pipelines"
	"github.com/fcbench/fcbench/pipelines/sim"
	"github.com/fcbench/fcbench/results"
	"github.com/fcbench/fcbench/targets"
)

// New returns a pipeline to send load to: in real time and in bubbles goroutines,
// in virtual time the simulation of the same description.
func New(c sim.Config) (targets.Target, error) {
	simulated, err := sim.New(c)
	if err != nil {
		return nil, err
	}
	return &target{Target: simulated, config: c}, nil
}

type target struct {
	targets.Target // simulated
	config         sim.Config
	lane           *lane // of the latest trial; nil where that was simulated
}

// Lane implements [targets.Target].
func (t *target) Lane(ctx context.Context, env targets.Env, i, n int) (targets.Async, error) {
	t.lane = nil
	if env.Time == results.Virtual {
		return t.Target.Lane(ctx, env, i, n)
	}
	in, err := t.config.NewIntake(t.config.HostIn(env.Time))
	if err != nil {
		return nil, err
	}
	l := &lane{in: in, deadline: t.config.Deadline, clock: env.Clock, mailbox: targets.NewMailbox(env), calls: make([]call, env.InFlight)}
	c := Config{Clock: env.Clock, Ends: l}
	for i, s := range t.config.Stages {
		policy, err := s.Policy()
		if err != nil {
			return nil, err
		}
		if i == 0 {
			s.Workers = in.Crew(s.Workers)
		}
		c.Stages = append(c.Stages, Stage{Policy: policy, Workers: s.Workers, Batch: s.Batch, Together: allocating(s.Allocate, TimedTogether(env.Clock, l.service(i, s)))})
	}
	l.pipeline, err = Start(ctx, c)
	if t.lane = l; err == nil && in.Loop != nil {
		l.watch(t.config.Stages)
	}
	return l, err
}

// Pipeline implements [targets.Queued].
func (t *target) Pipeline() results.Pipeline {
	l := t.lane
	if l == nil {
		return t.Target.(targets.Queued).Pipeline()
	}
	spent := sim.Account{Busy: time.Duration(l.busy.Load()), Alive: time.Duration(l.alive.Load())}
	out := t.config.Sum(spent, func(i int) pipelines.Counts { return l.pipeline.Queue(i).Counts() })
	l.in.Report(&out)
	return out
}

// Capacity implements [targets.Queued].
func (t *target) Capacity(from, to time.Duration) float64 { return t.config.Capacity(from, to) }

// Decider implements [targets.Queued].
func (t *target) Decider() (targets.Caller, error) { return t.config.Decider() }
