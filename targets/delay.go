package targets

import (
	"container/heap"
	"context"
	"errors"
	"fmt"
	"time"

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
// opens no socket and starts no goroutine: it is an event heap, so that the same
// code runs in real and in virtual time, where it is an exact D/c/K queue.
type Delay struct {
	c      DelayConfig
	env    Env
	events finishes
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
	case len(d.events) < d.c.Servers:
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
	if len(d.events) == 0 || d.events[0].at > until {
		return d.env.Wait(now, until)
	}
	if at := d.events[0].at; at > now {
		now = d.env.Wait(now, at)
	}
	for len(d.events) > 0 && d.events[0].at <= now {
		d.finish(done)
	}
	return now
}

// finish ends the earliest service and begins the next in its place.
func (d *Delay) finish(done Done) {
	e := heap.Pop(&d.events).(finish)
	if d.head < len(d.queue) {
		d.serve(e.at, d.queue[d.head])
		d.head++
		d.compact()
	}
	done(e.token, e.at, &Response{Outcome: results.OK, Started: e.started})
}

// Open takes the run's notion of waiting.
func (d *Delay) Open(_ context.Context, env Env) error {
	d.env = env
	return nil
}

func (d *Delay) serve(now time.Duration, token uint32) {
	heap.Push(&d.events, finish{at: now + time.Duration(d.c.Service), started: now, token: token})
}

// compact gives the room of served tokens back, amortised over the queue's length.
func (d *Delay) compact() {
	if d.head > len(d.queue)/2 {
		d.queue = append(d.queue[:0], d.queue[d.head:]...)
		d.head = 0
	}
}

type finish struct {
	at, started time.Duration
	token       uint32
}

// finishes is a heap of service ends; ties are served in order of start.
type finishes []finish

func (h finishes) Len() int      { return len(h) }
func (h finishes) Swap(i, j int) { h[i], h[j] = h[j], h[i] }
func (h finishes) Less(i, j int) bool {
	return h[i].at < h[j].at || h[i].at == h[j].at && h[i].token < h[j].token
}
func (h *finishes) Push(x any) { *h = append(*h, x.(finish)) }
func (h *finishes) Pop() any {
	last := len(*h) - 1
	f := (*h)[last]
	*h = (*h)[:last]
	return f
}
