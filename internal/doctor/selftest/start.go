package selftest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"syscall"
	"time"

	"github.com/fcbench/fcbench/internal/cgroup"
	"github.com/fcbench/fcbench/internal/child"
	"github.com/fcbench/fcbench/results"
)

const (
	// warmup is that of runs in which something is provoked.
	warmup = 300 * time.Millisecond
	// arrive is how long after a run began its neighbours do.
	arrive = 100 * time.Millisecond
	// leave is how long after the window should have ended they do.
	leave = 200 * time.Millisecond
	// longest is how much longer a run may take than its window.
	longest = time.Minute
	// endWithin is how long a process has to end when it is asked to.
	endWithin = 3 * time.Second
	// said is how much is kept of what a process complains of.
	said = 1 << 10
)

// start makes one run.
func (b *bench) start(ctx context.Context, c testCase) (made run, err error) {
	j, release, err := b.job(c)
	if err != nil {
		return made, err
	}
	defer func() { err = errors.Join(err, release()) }()
	neighbours, err := b.neighbours(c.disturbance)
	if err != nil {
		return made, err
	}
	defer neighbours.end()
	cmd, err := j.command(b.self)
	if err != nil {
		return made, err
	}
	var out bytes.Buffer
	heard := newListener()
	cmd.Stdout, cmd.Stderr, cmd.WaitDelay = &out, heard, endWithin
	p, err := child.Start(cmd)
	if err != nil {
		return made, err
	}
	defer p.End(context.Background(), func() {
		neighbours.leave() // or it would have no time to end
		if !p.Gone() {
			_ = p.Signal(syscall.SIGTERM)
		}
	}, endWithin)
	made.weather, err = b.accompany(ctx, p, heard, neighbours, c.warmup()+c.window(b.Length))
	if err != nil {
		return made, err
	}
	made.Run, err = theRun(&out, p, heard)
	return made, err
}

// job is the process that makes a run of c, and what has to be undone when it is gone.
func (b *bench) job(c testCase) (j job, release func() error, err error) {
	j = job{Role: roleRun, Garbage: c.garbage, Confine: confinement{Nice: c.nice, Files: c.files}}
	j.Args = c.asked(b.service.address, b.Length)
	if c.oneCPU {
		j.Confine.CPUs = b.cpus[:1]
	}
	release = func() error { return nil }
	if c.cores > 0 {
		group, err := quota(c.cores)
		if err != nil {
			return j, release, fmt.Errorf("%w: %w", err, errImpossible)
		}
		j.Confine.Group, release = group.Processes(), func() error { return remove(group) }
	}
	return j, release, nil
}

// remove removes a control group when the kernel has seen that nobody is there.
func remove(group *cgroup.Made) (err error) {
	for until := time.Now().Add(endWithin); ; time.Sleep(endWithin / 1000) {
		if err = group.Remove(); err == nil || time.Now().After(until) {
			return err
		}
	}
}

// accompany waits for the end of a run that p makes. While it measures, neighbours
// are there, and it is noted what else is going on.
func (b *bench) accompany(ctx context.Context, p *child.Child, heard *listener, neighbours neighbourhood, length time.Duration) (weather, error) {
	var seen observation
	steps := []struct {
		after time.Duration
		do    func()
	}{
		{arrive, neighbours.arrive},
		{length - arrive + leave, neighbours.leave},
		{longest, p.Kill},
	}
	begun := heard.begun
	timer := time.NewTimer(longest)
	defer timer.Stop()
	for {
		select {
		case <-begun:
			begun, seen = nil, observe()
			timer.Reset(steps[0].after)
		case <-timer.C:
			if begun != nil { // it never begins
				steps = steps[len(steps)-1:]
			}
			steps[0].do()
			if steps = steps[1:]; len(steps) > 0 {
				timer.Reset(steps[0].after)
			}
		case <-p.Ended():
			return seen.weather(), nil
		case <-ctx.Done():
			return weather{}, context.Cause(ctx)
		}
	}
}

// theRun is the one that a process wrote.
func theRun(out *bytes.Buffer, p *child.Child, heard *listener) (*results.Run, error) {
	runs, err := results.ReadRuns(out, "result")
	if err == nil && len(runs) == 1 && p.Wait() == nil {
		if runs[0].Simulated {
			return nil, fmt.Errorf("there is no redis-server on PATH, and a simulated one tells nothing: %w", errImpossible)
		}
		return &runs[0], nil
	}
	if exit, ok := errors.AsType[*exec.ExitError](p.Wait()); ok {
		err = errors.Join(err, exit)
	}
	return nil, fmt.Errorf("%d runs were made (%w); it said %s", len(runs), err, heard.tail.Line())
}
