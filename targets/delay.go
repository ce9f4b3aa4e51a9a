package targets

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/fcbench/fcbench/internal/events"
	"github.com/fcbench/fcbench/internal/units"
	"github.com/fcbench/fcbench/results"
)

// DelayConfig describes a simulated service.
type DelayConfig struct {
	Service units.Duration `yaml:"service"` // time that one server takes for one request
	Servers int            `yaml:"servers"` // how many work at once
	Queue   int            `yaml:"queue"`   // how many may wait; more are shed
}

// NewDelay returns a simulated service of several servers behind one bounded
// queue. It opens no socket and starts no goroutine: its lane is an agenda of
// events, so that the same code runs in real and in virtual time, where it is an
// exact D/c/K queue. It has one lane, because it has one queue.
func NewDelay(c DelayConfig) (Target, error) {
	var errs []error
	if c.Service <= 0 {
		errs = append(errs, fmt.Errorf("service is %v; want a positive duration", time.Duration(c.Service)))
	}
	if c.Servers < 1 {
		errs = append(errs, fmt.Errorf("servers is %d; want at least 1", c.Servers))
	}
	if c.Queue < 0 {
		errs = append(errs, fmt.Errorf("queue is %d; want 0 or more", c.Queue))
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	return delay{c: c}, nil
}

type delay struct {
	still
	c DelayConfig
}

func (delay) Info() Info { return Info{Scope: "simulated", Virtual: true, Lanes: 1} }

func (d delay) Lane(_ context.Context, env Env, _, _ int) (Async, error) {
	return &delayLane{c: d.c, env: env}, nil
}

// delayLane is the service during one trial.
type delayLane struct {
	c      DelayConfig
	env    Env
	agenda events.Agenda[service]
	queue  []uint32 // tokens that wait, oldest first, from head
	head   int
	answer Response // reused, so that handing it on allocates nothing
}

// service is one request being served.
type service struct {
	token   uint32
	started time.Duration
}

// Start begins service, queues or sheds.
func (d *delayLane) Start(now time.Duration, r *Request, done Done) {
	d.settle(now, done)
	switch {
	case d.agenda.Len() < d.c.Servers:
		d.serve(now, r.Token)
	case len(d.queue)-d.head < d.c.Queue:
		d.queue = append(d.queue, r.Token)
	default:
		done(r.Token, now, &Response{Outcome: results.Shed, Cause: "queue full"})
	}
}

// Poll goes on to the next instant at which something is finished, not past
// until, and finishes all of that instant: a server is free for a
// request that arrives at that very instant.
func (d *delayLane) Poll(now, until time.Duration, done Done) time.Duration {
	now = await(&d.agenda, d.env, now, until)
	d.settle(now, done)
	return now
}

// settle finishes what is over at now.
func (d *delayLane) settle(now time.Duration, done Done) {
	for s, at, ok := d.agenda.Due(now); ok; s, at, ok = d.agenda.Due(now) {
		d.next(at)
		d.answer = Response{Outcome: results.OK, Started: s.started}
		done(s.token, at, &d.answer)
	}
}

// next begins the service of the request that has waited longest.
func (d *delayLane) next(now time.Duration) {
	if d.head < len(d.queue) {
		d.serve(now, d.queue[d.head])
		d.head++
		d.compact()
	}
}

func (d *delayLane) serve(now time.Duration, token uint32) {
	d.agenda.Push(now+time.Duration(d.c.Service), service{token, now})
}

// compact gives the room of served tokens back, amortised over the queue's length.
func (d *delayLane) compact() {
	if d.head > len(d.queue)/2 {
		d.queue = append(d.queue[:0], d.queue[d.head:]...)
		d.head = 0
	}
}

// Close implements [Async]: what is served or waits is forgotten.
func (*delayLane) Close(context.Context) error { return nil }
