package sim

import (
	"context"
	"time"

	"github.com/fcbench/fcbench/pipelines"
	"github.com/fcbench/fcbench/targets"
)

// decider is a first queue without workers: each call offers one more item, and of two
// one is taken, as at twice the capacity.
type decider struct {
	queue    *pipelines.Queue
	deadline time.Duration
	every    time.Duration // between offers
	took     time.Duration // by service
	now      time.Duration
	takes    bool
	offered  targets.Request // and the item, kept so that a call allocates nothing
	item     pipelines.Item
}

// Decider implements [targets.Queued].
func (c Config) Decider() (targets.Caller, error) {
	first := &c.Stages[0]
	policy, err := first.Policy()
	if err != nil {
		return nil, err
	}
	mean := time.Duration(first.Mean)
	every := max(mean/time.Duration(first.Workers)/2, 1)
	return &decider{queue: pipelines.NewQueue(policy), deadline: c.Deadline, every: every, took: mean}, nil
}

// Do implements [targets.Caller]. Who would wait at the door lets somebody be taken, or
// they would stand there for ever.
func (d *decider) Do(_ context.Context, _ targets.Clock, r *targets.Request) targets.Response {
	d.now += d.every
	d.offered = *r
	d.offered.Intended, d.offered.Deadline = d.now, pipelines.Forever
	d.item = Item(&d.offered, d.deadline)
	d.queue.Offer(d.now, &d.item)
	if d.takes = !d.takes; d.takes || d.queue.Waiting() > 0 {
		d.queue.Take(d.now, &d.item)
		d.queue.Served(d.now, d.took)
	}
	return targets.Response{}
}

// Decider implements [targets.Queued].
func (p *pipeline) Decider() (targets.Caller, error) { return p.c.Decider() }
