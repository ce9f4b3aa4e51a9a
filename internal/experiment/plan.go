package experiment

import (
	"context"
	"errors"
	"time"

	"github.com/fcbench/fcbench/internal/dial"
	"github.com/fcbench/fcbench/internal/eventlog"
	"github.com/fcbench/fcbench/internal/scenario"
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

	Events *eventlog.Log // that every attempt is written to; nil for none

	// Keep is given the run in progress, as far as it got, every KeepEvery of real time;
	// it is called on a goroutine of its own, and before the observer is told that
	// the run ended. nil for nothing.
	Keep      func(*results.Run)
	KeepEvery time.Duration

	dialer *dial.Dialer
	first  uint64 // position of the first arrival of the measured window
}

// Observer is told how runs proceed. Its methods are called from the goroutine
// that wants the runs, one run after the other, whether or not they are made so.
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

// once opens a subject for one run. The result is nil only when nothing was measured.
func (p *Plan) once(ctx context.Context, t Trial, s scenario.Subject, o Observer) (*results.Run, error) {
	open := p.Open
	if t.Beside {
		open = p.connect
	}
	opened, err := open(ctx, p, s)
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

// timeOf is the kind of time in which a subject is measured: virtual time reaches
// one that reads the clock itself only in a bubble.
func (p *Plan) timeOf(s scenario.Subject) results.Time {
	if p.Time == results.Virtual && s.TimeSource() == limiters.TimeClock {
		return results.Bubble
	}
	return p.Time
}
