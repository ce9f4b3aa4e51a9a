package live

import (
	"time"

	"github.com/fcbench/fcbench/pipelines"
	"github.com/fcbench/fcbench/pipelines/control"
	"github.com/fcbench/fcbench/pipelines/sim"
)

// watch makes the queues know what controllers want to.
func (l *lane) watch(stages []sim.Stage) {
	l.pipeline.Queue(0).queue.Watch()
	for i, s := range stages {
		l.pipeline.Queue(i).SetCrew(0, s.Workers)
	}
}

// arrive lets an item come from the source, unless that holds it back.
func (l *lane) arrive(now time.Duration, it *pipelines.Item) {
	if l.in.Loop != nil && !l.steered { // before the first item there is no clock
		l.steered = true
		l.steering.Go(l.steer)
	}
	if l.in.Hold.Pass(now, it) {
		l.enter(now, it)
	}
}

// enter lets an item come to the limiter, and from there to the first queue.
func (l *lane) enter(now time.Duration, it *pipelines.Item) {
	if l.in.Gate != nil && !l.in.Gate.Admit(now) {
		l.refused[0] = pipelines.Drop{Item: *it, Cause: pipelines.IntakeLimit}
		l.Dropped(now, l.refused[:])
		return
	}
	l.in.Come(it)
	if l.pipeline.Offer(now, it) == 0 {
		l.Failed(now, it, errClosed)
	}
}

// release lets those come whom the source held back, and may send at now.
func (l *lane) release(now time.Duration) {
	var it pipelines.Item
	for l.in.Hold.Release(now, &it) {
		l.enter(now, &it)
	}
}

// steer lets the controller have its steps, until the pipeline ends.
func (l *lane) steer() {
	timer := time.NewTimer(l.in.Loop.Next() - l.clock())
	defer timer.Stop()
	for {
		select {
		case <-l.pipeline.ctx.Done():
			return
		case <-timer.C:
		}
		now := l.clock()
		for _, c := range l.in.Loop.Step(now, l.sense(now)) {
			l.change(now, c)
		}
		timer.Reset(l.in.Loop.Next() - l.clock())
	}
}

// sense counts what controllers want to know.
func (l *lane) sense(now time.Duration) control.Counts {
	c := control.Counts{Done: l.pipeline.done.Load()}
	for i := range l.pipeline.Stages {
		oldest, queued, busy, crew := l.pipeline.Queue(i).watch(now)
		if i == 0 {
			c.Head, c.Queued = oldest, queued
		}
		c.Busy, c.Crew = c.Busy+busy, c.Crew+crew
	}
	return l.in.Sense(c, len(l.pipeline.Stages), func(i int) pipelines.Counts { return l.pipeline.Queue(i).Counts() })
}

// change does what is commanded.
func (l *lane) change(now time.Duration, c control.Command) {
	switch c.What {
	case control.Batch:
		l.pipeline.pools[1].batch.Store(c.To)
	case control.Limit:
		l.in.Gate.Set(now, c.To)
	case control.Signal:
		l.in.Hold.SetPace(control.Pace(c.To))
	case control.Workers:
		l.pipeline.Queue(0).SetCrew(now, int(c.To))
	}
}
