package main

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/fcbench/fcbench/ci"
	"github.com/fcbench/fcbench/internal/experiment"
	"github.com/fcbench/fcbench/internal/gating"
	"github.com/fcbench/fcbench/internal/hostinfo"
	"github.com/fcbench/fcbench/internal/strictyaml"
)

// judgement is a policy that is carried out once, and what it is judged on.
type judgement struct {
	ci.Case
	redis  string
	writes []string // files that it is no change to write
	trials string   // directory for those of searches; "" for none
	quiet  bool

	itself bool    // side a is compared with itself
	slower float64 // share by which side b is slowed on purpose then
}

// prepared does f with the gate of the policy once that is prepared, and leaves nothing
// of it behind, whatever happens.
func (j *judgement) prepared(ctx context.Context, s streams, f func(context.Context, *gating.Gate) error) (err error) {
	say, kind := s.say, "none"
	if j.quiet {
		say = func(string) {}
	}
	if _, interactive := s.err.(*foot); interactive && !j.quiet {
		kind = "auto"
	}
	told := newTeller(s.err, kind)
	defer told.close()
	world := experiment.NewWorld(j.redis, say)
	g, err := gating.New(j.Policy, world, told, say)
	if err != nil {
		return errors.Join(err, world.Close())
	}
	g.Writes, g.Trials = j.writes, j.trials
	g.Create = func(path string) (io.WriteCloser, error) { return openDestination(path, s.err) }
	cleanup := func() error { return errors.Join(g.Close(), world.Close()) }
	ctx, stop := interruptible(ctx, s.err, func() { _ = cleanup() })
	defer stop()
	defer func() { err = errors.Join(err, cleanup()) }()
	if err := j.prepare(ctx, g); err != nil {
		return err
	}
	return f(ctx, g)
}

func (j *judgement) prepare(ctx context.Context, g *gating.Gate) error {
	if j.itself {
		if err := g.AgainstItself(j.slower); err != nil {
			return gateFailure(ctx, err)
		}
	}
	if err := g.Prepare(ctx); err != nil {
		return gateFailure(ctx, err)
	}
	j.Units = g.Units()
	if err := j.Check(); err != nil {
		return usage(fmt.Errorf("%s: %w", j.Policy.File, err))
	}
	return nil
}

// judge makes the runs and judges them.
func (j *judgement) judge(ctx context.Context, g *gating.Gate) (_ *ci.Verdict, err error) {
	j.Health, err = g.Measure(ctx, func(look int) bool {
		j.Units, j.Look = g.Units(), look
		return j.Judge().Settled()
	})
	if err != nil {
		return nil, gateFailure(ctx, err)
	}
	j.Units = g.Units()
	v := j.Judge()
	v.A, v.B = g.Sides()
	v.Started, v.Replaced, v.Environment = j.Now.UTC(), g.Replaced, hostinfo.Read()
	v.Warnings, v.Trials = append(v.Warnings, g.Warnings...), g.Kept()
	return v, nil
}

// lock is the lockfile that the policy would have: of benchmarks, and of exact values,
// only a run tells.
func (j *judgement) lock(ctx context.Context, g *gating.Gate) (*ci.Lockfile, error) {
	if j.Policy.Exact() || j.Policy.Bench() {
		if err := g.Sample(ctx); err != nil {
			return nil, gateFailure(ctx, err)
		}
	}
	j.Units = g.Units()
	lock, err := j.NewLock()
	if err != nil {
		return nil, failure{exitNoData, err}
	}
	return lock, nil
}

func (j *judgement) writeLock(ctx context.Context, s streams, g *gating.Gate) error {
	lock, err := j.lock(ctx, g)
	if err != nil {
		return err
	}
	path := j.Policy.LockPath()
	if err := writeFile(s, path, lock.Write); err != nil {
		return err
	}
	fmt.Fprintf(s.out, "%s: %d claims\n", path, len(lock.Claims))
	return nil
}

// gateFailure gives an error of a gate its exit code.
func gateFailure(ctx context.Context, err error) error {
	var unlike *gating.Unlike
	var nothing *gating.NoData
	var unfit *experiment.Unfit
	var problems strictyaml.Problems
	switch {
	case ctx.Err() != nil:
		return fail(exitInterrupted, "interrupted; nothing was judged")
	case errors.As(err, &unlike):
		return failure{exitInvalid, err}
	case errors.As(err, &nothing):
		return failure{exitNoData, err}
	case errors.As(err, &unfit), errors.As(err, &problems):
		return usage(err)
	}
	return err
}
