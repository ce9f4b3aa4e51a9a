package sim

import (
	"errors"
	"sync/atomic"
	"time"

	"github.com/fcbench/fcbench/limiters"
	"github.com/fcbench/fcbench/pipelines"
	"github.com/fcbench/fcbench/pipelines/control"
	"github.com/fcbench/fcbench/results"
	"github.com/fcbench/fcbench/targets"
)

// Control describes what stands before the first queue, and what changes a pipeline
// while it runs.
type Control struct {
	// Limiter makes the one before the first queue for a trial; nil for none.
	Limiter func() (limiters.Limiter, error)
	// New makes the control of a trial; nil for none.
	New func() (*control.Control, error)
	// Host makes what sensors of a trial in real time are to ask; nil where they ask a
	// model, as they do in any other time.
	Host func() func() control.Host
}

// Intake is what stands before the first queue during one trial, and the loop that
// changes the pipeline.
type Intake struct {
	Hold  pipelines.Hold
	Gate  *control.Gate // nil for none
	Loop  *control.Loop // nil for none
	bytes atomic.Int64  // that all who came weigh
}

// NewIntake makes those of one trial. host may be nil.
func (c Config) NewIntake(host func() control.Host) (in *Intake, err error) {
	in = new(Intake)
	if c.Control.Limiter != nil {
		l, err := c.Control.Limiter()
		if err != nil {
			return nil, err
		}
		if in.Gate, err = control.NewGate(l, c.Control.New != nil); err != nil {
			return nil, err
		}
	}
	if c.Control.New == nil {
		return in, nil
	}
	made, err := c.Control.New()
	if err != nil {
		return nil, err
	}
	if made.Limits && in.Gate == nil {
		return nil, errNoLimiter
	}
	crew, err := made.CrewOf(c.Stages[0].Workers)
	if err != nil {
		return nil, err
	}
	var given int64
	if in.Gate != nil {
		given = in.Gate.Given()
	}
	in.Loop = control.NewLoop(made, host, crew, c.Stages[0].Most(), given)
	return in, nil
}

// Come counts what has passed.
func (in *Intake) Come(it *pipelines.Item) { in.bytes.Add(max(it.Size, pipelines.Lightest)) }

// Crew is how many workers the first stage may come to have.
func (in *Intake) Crew(workers int) int {
	if in.Loop == nil {
		return workers
	}
	return int(in.Loop.Most(control.Workers))
}

// Sense completes what a driver has counted.
func (in *Intake) Sense(c control.Counts, stages int, queue func(i int) pipelines.Counts) control.Counts {
	if in.Gate != nil {
		c.Refused = in.Gate.Refused()
	}
	c.Bytes, c.Held = in.bytes.Load(), in.Hold.Held()
	left := c.Done
	for i := range stages {
		n := queue(i)
		c.Alive += n.Bytes
		for _, dropped := range n.Dropped {
			left += dropped
		}
		if i == 0 {
			c.InPipe = int(n.Offered)
		}
	}
	c.InPipe -= int(left)
	return c
}

// Report adds what was changed.
func (in *Intake) Report(p *results.Pipeline) {
	if in.Loop != nil {
		in.Loop.Report(p)
		p.MostHeld = in.Hold.Most()
	}
}

var errNoLimiter = errors.New("control sets the rate of a limiter before the first queue, and limiter is missing; want one, such as limiter: {kind: token-bucket, rate: 1000/s, burst: 10}")

// arrive lets the item that comes come from the source, unless that holds it back.
func (l *lane) arrive(now time.Duration, done targets.Done) {
	if l.in.Hold.Pass(now, &l.item) {
		l.enter(now, done)
	}
}

// enter lets the item that comes come to the limiter, and from there to the first queue.
func (l *lane) enter(now time.Duration, done targets.Done) {
	if l.in.Gate != nil && !l.in.Gate.Admit(now) {
		l.refused[0] = pipelines.Drop{Item: l.item, Cause: pipelines.IntakeLimit}
		l.shed(now, l.refused[:], done)
		return
	}
	l.in.Come(&l.item)
	l.offer(0, now, &l.item, nil, done)
}

// control lets the controller and the source do what they are to do at now.
func (l *lane) control(now time.Duration, done targets.Done) {
	if l.in.Loop != nil && l.in.Loop.Next() <= now {
		for _, c := range l.in.Loop.Step(now, l.sense(now)) {
			l.change(now, c, done)
		}
	}
	for l.in.Hold.Release(now, &l.item) {
		l.enter(now, done)
	}
}

// sense counts what controllers want to know.
func (l *lane) sense(now time.Duration) control.Counts {
	q := l.stages[0].queue
	c := control.Counts{Done: l.done, Busy: l.account.Busy, Head: q.Oldest(now), Queued: q.Len() + q.Waiting()}
	for at := range l.agenda.All {
		c.Busy -= at - now // which is still to come
	}
	for i := range l.stages {
		c.Crew += l.stages[i].crew
	}
	return l.in.Sense(c, len(l.stages), func(i int) pipelines.Counts { return l.stages[i].queue.Counts() })
}

// change does what is commanded.
func (l *lane) change(now time.Duration, c control.Command, done targets.Done) {
	first := &l.stages[0]
	switch c.What {
	case control.Batch:
		first.most = int(c.To)
	case control.Limit:
		l.in.Gate.Set(now, c.To)
	case control.Signal:
		l.in.Hold.SetPace(control.Pace(c.To))
	case control.Workers:
		first.idle += int(c.To) - first.crew // below 0 where some have yet to finish
		first.crew = int(c.To)
		l.serve(0, now, done)
	}
}

// HostIn is what sensors ask in a trial in a time; nil for the model.
func (c Config) HostIn(t results.Time) func() control.Host {
	if c.Control.Host == nil || t != results.Real {
		return nil
	}
	return c.Control.Host()
}
