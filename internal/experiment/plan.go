package experiment

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/fcbench/fcbench/internal/dial"
	"github.com/fcbench/fcbench/internal/scenario"
	"github.com/fcbench/fcbench/internal/seed"
	"github.com/fcbench/fcbench/limiters"
	"github.com/fcbench/fcbench/results"
)

// Plan is a scenario that can be run.
type Plan struct {
	*World
	Scenario *scenario.Scenario
	// Time is real or virtual, as the user asked for; in a process that is in a
	// bubble it is that.
	Time     results.Time
	Schedule results.ScheduleInfo

	dialer *dial.Dialer
	first  uint64 // position of the first arrival of the measured window
}

// Observer is told how runs proceed. Its methods are called from the goroutine
// that makes the runs.
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
	Live      []*results.Live
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
		run, problem := p.once(ctx, Trial{Plan: p, Repeat: job.Repeat, Order: i + 1, Of: len(order)}, job.Subject, o)
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

// once opens a subject for one run. The result is nil only when nothing was measured.
func (p *Plan) once(ctx context.Context, t Trial, s scenario.Subject, o Observer) (*results.Run, error) {
	opened, err := p.Open(ctx, p, s)
	if err != nil {
		return nil, err
	}
	run, err := opened.Run(ctx, t, o)
	closing, cancel := context.WithTimeout(context.WithoutCancel(ctx), closeWithin)
	defer cancel()
	return run, errors.Join(err, opened.Close(closing))
}

// closeWithin is how long a subject may take to disconnect.
const closeWithin = 5 * time.Second

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

// timeOf is the kind of time in which a subject is measured: virtual time reaches
// one that reads the clock itself only in a bubble.
func (p *Plan) timeOf(s scenario.Subject) results.Time {
	if p.Time == results.Virtual && s.TimeSource() == limiters.TimeClock {
		return results.Bubble
	}
	return p.Time
}
