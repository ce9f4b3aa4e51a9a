package live

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"github.com/fcbench/fcbench/pipelines"
	"github.com/fcbench/fcbench/pipelines/sim"
	"github.com/fcbench/fcbench/results"
	"github.com/fcbench/fcbench/targets"
)

// lane is a pipeline during one trial. Its source is the loop that owns it.
type lane struct {
	deadline time.Duration
	clock    targets.Clock
	pipeline *Pipeline
	mailbox  *targets.Mailbox
	calls    []call // by token
	busy     atomic.Int64
	alive    atomic.Int64 // of busy, on what was in time
	in       *sim.Intake
	steering sync.WaitGroup
	steered  bool              // somebody steers
	refused  [1]pipelines.Drop // by the limiter
}

// call is what items do not carry. It belongs to whoever has the item.
type call struct {
	seq     uint64
	started time.Duration // in the first stage
	spent   time.Duration // in service so far
}

// Start implements [targets.Async].
func (l *lane) Start(now time.Duration, r *targets.Request, _ targets.Done) {
	l.calls[r.Token] = call{seq: r.Seq}
	it := sim.Item(r, l.deadline)
	l.mailbox.Expect()
	l.arrive(now, &it)
}

// Poll implements [targets.Async].
func (l *lane) Poll(now, until time.Duration, done targets.Done) time.Duration {
	now = l.mailbox.Poll(now, min(until, l.in.Hold.Next()), done)
	l.release(now)
	return now
}

var errClosed = errors.New("the trial has ended")

// Close implements [targets.Async].
func (l *lane) Close(context.Context) error {
	l.pipeline.Abort(errClosed)
	l.steering.Wait()
	return l.pipeline.Wait().Err()
}

// service is when that of items in stage i ends. Each has the same part in it.
func (l *lane) service(i int, s sim.Stage) func(begin time.Duration, items []pipelines.Item) time.Duration {
	var last atomic.Uint64
	return func(begin time.Duration, items []pipelines.Item) time.Duration {
		if items[0].Extrapolated {
			return s.Again(begin, last.Load())
		}
		last.Store(l.calls[items[len(items)-1].Token].seq)
		end := s.End(begin, func(k int) uint64 { return l.calls[items[k].Token].seq }, len(items))
		for k := range items {
			c := &l.calls[items[k].Token]
			if i == 0 {
				c.started = begin
			}
			if end != pipelines.Forever {
				c.spent += sim.Part(end-begin, k, len(items))
			}
		}
		if end != pipelines.Forever {
			l.busy.Add(int64(end - begin))
		}
		return end
	}
}

// SetBatch implements [pipelines.Batcher].
func (l *lane) SetBatch(stage, n int) error { return l.pipeline.SetBatch(stage, n) }

// answer says what became of an item. Its caller may come back with the same token
// at once.
func (l *lane) answer(at time.Duration, it *pipelines.Item, r targets.Response) {
	r.Started = l.calls[it.Token].started
	l.mailbox.Put(it.Token, at, &r)
}

// Done implements [Ends]. The answer is there now, which may be later than when
// service was to end.
func (l *lane) Done(at time.Duration, it *pipelines.Item) {
	at = max(at, l.clock())
	if !it.Expired(at) {
		l.alive.Add(int64(l.calls[it.Token].spent))
	}
	l.answer(at, it, targets.Response{Outcome: results.OK})
}

// Dropped implements [Ends].
func (l *lane) Dropped(at time.Duration, all []pipelines.Drop) {
	for i := range all {
		l.answer(at, &all[i].Item, targets.Response{Outcome: results.Shed, Cause: all[i].Cause.String()})
	}
}

// Failed implements [Ends].
func (l *lane) Failed(at time.Duration, it *pipelines.Item, _ error) {
	l.answer(at, it, targets.Response{Outcome: results.Failed, Cause: "pipeline ended"})
}
