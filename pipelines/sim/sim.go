// Package sim runs pipelines on an agenda of events instead of goroutines: the
// same queues and policies, in virtual time, with drawn service times and nothing
// that gets in the way of anything. What it does follows from the seed alone.
//
// At one instant, service that ends comes first, in the order in which it began;
// then the controller has its step and the source sends what it may; then those leave the
// doors whose patience ends; then comes what arrives.
package sim

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/fcbench/fcbench/internal/units"
	"github.com/fcbench/fcbench/pipelines"
	"github.com/fcbench/fcbench/targets"
)

// Config describes a pipeline: stages in a row, with a queue before each.
type Config struct {
	Stages []Stage
	// Deadline is how long after it was due an item is worth nothing any more, if
	// its caller does not leave earlier; 0 where only that counts.
	Deadline time.Duration
	Control  Control
}

// Stage is a pool of workers behind a queue.
type Stage struct {
	Policy  func() (pipelines.Policy, error) // a new one for every trial
	Workers int
	// Service is how long one worker takes for the item of arrival seq.
	Service func(seq uint64) time.Duration
	Mean    float64 // of Service, in nanoseconds
	Pace    Pace
	// Batch is how many of those that are there a worker takes at most at once; 0 is 1.
	// It serves them together, for Setup and the Service of each, and all end then.
	Batch int
	Setup time.Duration
	// Allocate is how many bytes each item is given when its service begins, and keeps
	// until it ends, among goroutines. A simulation has no memory to give.
	Allocate int64
}

// Most is how many a worker takes at most at once.
func (s *Stage) Most() int { return max(s.Batch, 1) }

// End is when service is over that begins at now, of n items, of which seq says whose
// they are.
func (s *Stage) End(now time.Duration, seq func(i int) uint64, n int) time.Duration {
	work := s.Setup
	for i := range n {
		work = add(work, s.Service(seq(i)))
	}
	return s.Pace.End(now, work)
}

// Again is when service is over that begins at now, of a copy of the item seq.
func (s *Stage) Again(now time.Duration, seq uint64) time.Duration {
	return s.Pace.End(now, max(s.Service(seq), pipelines.Shortest))
}

// last refuses a queue that makes copies before stage i where there is one behind it.
func (s *Stage) last(i, stages int) error {
	if s.Policy == nil || i == stages {
		return nil
	}
	policy, err := s.Policy()
	if _, copies := policy.(pipelines.Extrapolating); err == nil && copies {
		return fmt.Errorf("the queue before stage %d hands out copies; want it before the last stage, %d", i, stages)
	}
	return nil // what is wrong with the policy is said when one is made
}

// memory refuses more than all workers of a stage may hold at once.
func (s *Stage) memory(i int) error {
	if s.Allocate <= maxAllocated/int64(s.Workers)/int64(s.Most()) {
		return nil
	}
	return fmt.Errorf("allocate is %v in stage %d, of %d items that may be served at once; want at most %v for all of them",
		units.Size(s.Allocate), i, s.Workers*s.Most(), units.Size(maxAllocated))
}

// CheckBatch refuses a batch that no worker can take.
func CheckBatch(n int) error {
	if n < 1 || n > maxBatch {
		return fmt.Errorf("batch is %d; want 1 to %d", n, maxBatch)
	}
	return nil
}

// CheckAllocate refuses what no item can be given.
func CheckAllocate(n int64) error {
	if n < 0 || n > maxAllocated {
		return fmt.Errorf("allocate is %v; want 0B to %v", units.Size(n), units.Size(maxAllocated))
	}
	return nil
}

const (
	maxStages    = 64
	maxWorkers   = 1 << 20
	maxBatch     = 1 << 20
	maxAllocated = 1 << 30 // by all workers of a stage at once
)

// New returns a simulated pipeline. Who finds its first queue full and is not
// dropped waits at the door; who finds that of a later stage full holds up the
// worker that would pass it on. Its lane is one, because it has one first queue.
func New(c Config) (targets.Target, error) {
	var problems []error
	if n := len(c.Stages); n < 1 || n > maxStages {
		problems = append(problems, fmt.Errorf("there are %d stages; want 1 to %d", n, maxStages))
	}
	if c.Deadline < 0 {
		problems = append(problems, fmt.Errorf("deadline is %v; want 0s or more", c.Deadline))
	}
	for i, s := range c.Stages {
		if s.Workers < 1 || s.Workers > maxWorkers {
			problems = append(problems, fmt.Errorf("workers is %d in stage %d; want 1 to %d", s.Workers, i+1, maxWorkers))
		}
		if !(s.Mean > 0) {
			problems = append(problems, fmt.Errorf("service takes %vns on average in stage %d; want more than that", s.Mean, i+1))
		}
		if err := CheckBatch(s.Most()); err != nil || s.Batch < 0 {
			problems = append(problems, fmt.Errorf("batch is %d in stage %d; want 1 to %d", s.Batch, i+1, maxBatch))
		}
		if s.Setup < 0 {
			problems = append(problems, fmt.Errorf("setup is %v in stage %d; want 0s or more", s.Setup, i+1))
		}
		problems = append(problems, s.Pace.check(), s.last(i+1, len(c.Stages)), CheckAllocate(s.Allocate))
	}
	if err := errors.Join(problems...); err != nil {
		return nil, err
	}
	in, err := c.NewIntake(nil)
	if err != nil {
		return nil, err
	}
	for i, s := range c.Stages {
		if i == 0 {
			s.Workers = in.Crew(s.Workers)
		}
		problems = append(problems, s.memory(i+1))
	}
	if err := errors.Join(problems...); err != nil {
		return nil, err
	}
	return &pipeline{c: c}, nil
}

// pipeline keeps nothing between trials: all there is of one belongs to its lane.
type pipeline struct {
	c    Config
	lane *lane // of the latest trial
}

func (p *pipeline) Info() targets.Info {
	return targets.Info{Scope: "pipeline", Virtual: true, Lanes: 1}
}

func (p *pipeline) Open(context.Context) error                   { return nil }
func (p *pipeline) Begin(context.Context, targets.TrialID) error { return nil }
func (p *pipeline) End(context.Context) error                    { return nil }
func (p *pipeline) Close(context.Context) error                  { return nil }

// Lane implements [targets.Target].
func (p *pipeline) Lane(_ context.Context, env targets.Env, _, _ int) (targets.Async, error) {
	in, err := p.c.NewIntake(nil)
	if err != nil {
		return nil, err
	}
	l := &lane{env: env, deadline: p.c.Deadline, in: in}
	for _, s := range p.c.Stages {
		policy, err := s.Policy()
		if err != nil {
			return nil, err
		}
		l.stages = append(l.stages, stage{Stage: s, queue: pipelines.NewQueue(policy), idle: s.Workers, crew: s.Workers, most: s.Most()})
	}
	if in.Loop != nil {
		l.stages[0].queue.Watch()
	}
	p.lane = l
	return l, nil
}
