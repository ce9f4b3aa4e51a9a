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

// Delay simulates a service of several servers behind one bounded queue. It
// opens no socket and starts no goroutine: it is an agenda of events, so that the same
// code runs in real and in virtual time, where it is an exact D/c/K queue.
type Delay struct {
	c      DelayConfig
	env    Env
	agenda events.Agenda[service]
	queue  []uint32 // tokens that wait, oldest first, from head
	head   int
}

// NewDelay returns the simulated service.
func NewDelay(c DelayConfig) (*Delay, error) {
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
	return &Delay{c: c}, errors.Join(errs...)
}

// Simulated reports that nothing outside this process is asked.
func (d *Delay) Simulated() bool { return true }

// Start begins service, queues or sheds.
func (d *Delay) Start(now time.Duration, r *Request, done Done) {
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
// until, and finishes all of that instant: a server is free for whoever arrives
// at the very moment.
func (d *Delay) Poll(now, until time.Duration, done Done) time.Duration {
	now = await(&d.agenda, d.env, now, until)
	d.agenda.Settle(now, func(at time.Duration, s service) {
		d.next(at)
		done(s.token, at, &Response{Outcome: results.OK, Started: s.started})
	})
	return now
}

// next begins the service of who has waited longest.
func (d *Delay) next(now time.Duration) {
	if d.head < len(d.queue) {
		d.serve(now, d.queue[d.head])
		d.head++
		d.compact()
	}
}

// Open takes the run's notion of waiting.
func (d *Delay) Open(_ context.Context, env Env) error {
	d.env = env
	return nil
}

func (d *Delay) serve(now time.Duration, token uint32) {
	d.agenda.Push(now+time.Duration(d.c.Service), service{token, now})
}

// compact gives the room of served tokens back, amortised over the queue's length.
func (d *Delay) compact() {
	if d.head > len(d.queue)/2 {
		d.queue = append(d.queue[:0], d.queue[d.head:]...)
		d.head = 0
	}
}

// service is one request being served.
type service struct {
	token   uint32
	started time.Duration
}
