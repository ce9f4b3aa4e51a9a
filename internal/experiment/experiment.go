// Package experiment makes every run of a scenario: each repeat takes all
// subjects in a seeded random order, each on fresh state and a collected heap,
// and each run ends with a verdict on itself.
package experiment

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"time"

	"github.com/fcbench/fcbench/internal/builtin"
	"github.com/fcbench/fcbench/internal/redisproc"
	"github.com/fcbench/fcbench/internal/scenario"
	"github.com/fcbench/fcbench/internal/seed"
	"github.com/fcbench/fcbench/results"
	"github.com/fcbench/fcbench/targets"
)

// Plan is what is to be done.
type Plan struct {
	Scenario *scenario.Scenario
	Virtual  bool
	Redis    *redisproc.Server // nil when no subject needs one
	Dial     targets.DialFunc
	Prefix   string // of every Redis key, unique to this process
	Schedule results.ScheduleInfo
	Host     results.Environment

	bubble bool // this process is in one: its clock moves only when all wait
}

// simulatesTime reports whether time is not the world's.
func (p *Plan) simulatesTime() bool { return p.Virtual || p.bubble }

// Observer is told how the experiment proceeds. Its methods are called from
// the goroutine of Run.
type Observer interface {
	Begin(s Step)
	End(run *results.Run)
}

// Step is one run that begins.
type Step struct {
	Index, Of int // from 1
	Trial     string
	Repeat    int
	Length    time.Duration // warm-up and window; 0 when only a count ends it
	Expected  uint64        // arrivals in the window
	Live      *results.Live
}

// Run makes the runs one after the other, until ctx ends. When one breaks, those
// of other subjects go on; what depends on the same Redis does not. Everything
// that was measured is given to o, whatever is returned.
func (p *Plan) Run(ctx context.Context, o Observer) (err error) {
	order := p.Order()
	broken := false // Redis is
	for i, job := range order {
		remote := job.Subject.Scope == onRedis
		if ctx.Err() != nil || broken && remote {
			continue
		}
		debug.FreeOSMemory() // a collected heap, and peak memory that is this run's own
		run, problem := p.once(ctx, i+1, len(order), job, o)
		if run != nil { // a child in a bubble may have read a copy; what was asked for is known here
			run.Workload, run.Warnings = p.Scenario.WorkloadJSON(), append(run.Warnings, p.Scenario.Notes...)
			o.End(run)
		}
		if problem != nil {
			err = errors.Join(err, fmt.Errorf("trial %s, repeat %d: %w", job.Subject.Name, job.Repeat, problem))
			broken = broken || remote
		}
	}
	return err
}

// onRedis is the scope of subjects that live on a Redis.
const onRedis = "redis"

// Job is one run to be made.
type Job struct {
	Subject scenario.Subject
	Repeat  int // from 1
}

// Order is the order of the runs: all subjects once per repeat, shuffled by the seed.
func (p *Plan) Order() []Job {
	s := p.Scenario
	all := make([]Job, 0, s.Repeats*len(s.Subjects))
	for repeat := range s.Repeats {
		jobs := make([]Job, len(s.Subjects))
		for i, subject := range s.Subjects {
			jobs[i] = Job{subject, repeat + 1}
		}
		shuffle(seed.New(s.Seed).Sub("order").Index(uint64(repeat)), jobs)
		all = append(all, jobs...)
	}
	return all
}

// shuffle is Fisher and Yates' algorithm.
func shuffle(r seed.Stream, jobs []Job) {
	for i := len(jobs) - 1; i > 0; i-- {
		j := int(r.Uint64(uint64(i)) % uint64(i+1))
		jobs[i], jobs[j] = jobs[j], jobs[i]
	}
}

// env is what a subject of one run gets from outside.
func (p *Plan) env(index int, pass string) builtin.Env {
	return builtin.Env{Redis: p.Redis, Dial: p.Dial, InjectTime: p.Virtual, Prefix: fmt.Sprintf("%s:%d%s:", p.Prefix, index, pass)}
}
