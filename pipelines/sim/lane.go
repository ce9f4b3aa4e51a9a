package sim

import (
	"context"
	"fmt"
	"time"

	"github.com/fcbench/fcbench/internal/events"
	"github.com/fcbench/fcbench/pipelines"
	"github.com/fcbench/fcbench/results"
	"github.com/fcbench/fcbench/targets"
)

// lane is a pipeline during one trial.
type lane struct {
	env      targets.Env
	deadline time.Duration
	stages   []stage
	agenda   events.Agenda[*batch]
	spare    *batch
	item     pipelines.Item // that comes
	calls    []call         // by token
	answer   targets.Response
	account  Account
	in       *Intake
	refused  [1]pipelines.Drop // by the limiter
	done     uint64            // that the last stage has served
}

// stage is a stage of it. A worker that cannot pass on what it has done is not idle.
type stage struct {
	Stage
	queue *pipelines.Queue
	idle  int    // workers; below 0 where more are in service than shall be
	crew  int    // workers, idle or not
	most  int    // that one of them takes at once
	seq   uint64 // of the item that was taken last
	held  line   // batches whose workers stand at the door
}

// call is what items do not carry.
type call struct {
	seq     uint64
	started time.Duration // in the first stage
	spent   time.Duration // in service so far
}

// Start implements [targets.Async].
func (l *lane) Start(now time.Duration, r *targets.Request, done targets.Done) {
	l.settle(now, done)
	for int(r.Token) >= len(l.calls) {
		l.calls = append(l.calls, call{})
	}
	l.calls[r.Token] = call{seq: r.Seq}
	l.item = Item(r, l.deadline)
	l.arrive(now, done)
}

// Poll implements [targets.Async].
func (l *lane) Poll(now, until time.Duration, done targets.Done) time.Duration {
	if until = min(until, l.next()); until > now {
		now = l.env.Wait(now, until)
	}
	l.settle(now, done)
	return now
}

// SetBatch implements [pipelines.Batcher].
func (l *lane) SetBatch(stage, n int) error {
	if stage < 0 || stage >= len(l.stages) {
		return fmt.Errorf("stage is %d; want 0 to %d", stage, len(l.stages)-1)
	}
	if err := CheckBatch(n); err != nil {
		return err
	}
	l.stages[stage].most = n
	return nil
}

// Close implements [targets.Async].
func (l *lane) Close(context.Context) error { return nil }

// next is the next instant at which something happens.
func (l *lane) next() time.Duration {
	next := l.in.Hold.Next()
	if at, ok := l.agenda.Next(); ok {
		next = min(next, at)
	}
	if l.in.Loop != nil {
		next = min(next, l.in.Loop.Next())
	}
	for i := range l.stages {
		next = min(next, l.stages[i].queue.NextDeadline())
	}
	return next
}

// settle lets happen what is due, one instant after the other.
func (l *lane) settle(now time.Duration, done targets.Done) {
	for at := l.next(); at <= now && at != pipelines.Forever; at = l.next() {
		for b, _, ok := l.agenda.Due(at); ok; b, _, ok = l.agenda.Due(at) {
			l.finish(at, b, done)
		}
		l.control(at, done)
		for i := range l.stages {
			l.expire(i, at, done)
		}
	}
}

// offer hands an item to the queue of stage i, of a batch unless it comes from outside.
// It reports whether the item stands at its door now, and the worker with it.
func (l *lane) offer(i int, now time.Duration, it *pipelines.Item, of *batch, done targets.Done) (waits bool) {
	s := &l.stages[i]
	verdict, dropped := s.queue.Offer(now, it)
	if waits = verdict == pipelines.Waiting; waits && of != nil {
		s.held.enter(of)
	}
	l.shed(now, dropped, done)
	l.serve(i, now, done)
	return waits
}

// serve gives work to the idle workers of stage i, as long as there is some.
func (l *lane) serve(i int, now time.Duration, done targets.Done) {
	s := &l.stages[i]
	for more := true; more && s.idle > 0; {
		outside := s.queue.Waiting()
		b := l.take(i, now, done)
		if more = len(b.items) > 0; more {
			s.idle--
			l.begin(now, b)
		} else {
			l.put(b)
		}
		l.release(i, outside-s.queue.Waiting(), now, done)
	}
}

// take takes as many as a worker of stage i takes at once, of those that are there.
func (l *lane) take(i int, now time.Duration, done targets.Done) *batch {
	s, b := &l.stages[i], l.get(i)
	for n := 0; n < s.most && (n == 0 || !s.queue.Empty()); n++ {
		b.items = append(b.items, pipelines.Item{})
		ok, dropped, _ := s.queue.Take(now, &b.items[n])
		l.shed(now, dropped, done)
		if !ok {
			b.items = b.items[:n]
			break
		}
	}
	return b
}

// begin begins the service of a batch. Each of it has the same part in the time.
func (l *lane) begin(now time.Duration, b *batch) {
	s := &l.stages[b.stage]
	if b.copied() {
		if end := s.Again(now, s.seq); end != pipelines.Forever {
			l.agenda.Push(end, b)
		}
		return
	}
	s.seq = l.calls[b.items[len(b.items)-1].Token].seq
	end := s.End(now, func(i int) uint64 { return l.calls[b.items[i].Token].seq }, len(b.items))
	for i := range b.items {
		c := &l.calls[b.items[i].Token]
		if b.stage == 0 {
			c.started = now
		}
		if end != pipelines.Forever {
			c.spent += Part(end-now, i, len(b.items))
		}
	}
	if end == pipelines.Forever {
		return
	}
	b.began = now
	l.account.Busy += end - now
	l.agenda.Push(end, b)
}

// Part is what the i-th of n has of a time that they share, all of which it is with
// the others'.
func Part(d time.Duration, i, n int) time.Duration {
	if i == 0 {
		return d - d/time.Duration(n)*time.Duration(n-1)
	}
	return d / time.Duration(n)
}

// release lets n workers go on that were held up at the door of stage i.
func (l *lane) release(i, n int, now time.Duration, done targets.Done) {
	if i == 0 || n == 0 {
		return
	}
	for b := l.stages[i].held.leave(n); b != nil; {
		next := b.next
		l.pass(now, b, done)
		b = next
	}
	l.serve(i-1, now, done)
}

// finish passes on what a worker has done, and gives it something new.
func (l *lane) finish(now time.Duration, b *batch, done targets.Done) {
	i := b.stage
	l.stages[i].queue.Served(now, now-b.began)
	if i+1 == len(l.stages) {
		l.end(now, b, done)
	} else if !l.pass(now, b, done) {
		return // at that door, the worker with it
	}
	l.serve(i, now, done)
}

// end answers those that have been through all stages. Nobody waits for a copy.
func (l *lane) end(now time.Duration, b *batch, done targets.Done) {
	if !b.copied() {
		l.done += uint64(len(b.items))
	}
	for i := 0; i < len(b.items) && !b.copied(); i++ {
		it := &b.items[i]
		c := &l.calls[it.Token]
		if !it.Expired(now) {
			l.account.Alive += c.spent
		}
		l.answer = targets.Response{Outcome: results.OK, Started: c.started}
		done(it.Token, now, &l.answer)
	}
	l.stages[b.stage].idle++
	l.put(b)
}

// pass hands on what is left of a batch, one after the other. A worker that has
// to wait at the door with one goes on when it is released, which is not through yet.
func (l *lane) pass(now time.Duration, b *batch, done targets.Done) (through bool) {
	for b.passed < len(b.items) {
		it := &b.items[b.passed]
		b.passed++
		if l.offer(b.stage+1, now, it, b, done) {
			return false
		}
	}
	l.stages[b.stage].idle++
	l.put(b)
	return true
}

// expire lets those go who have stood at the door of stage i for long enough.
func (l *lane) expire(i int, now time.Duration, done targets.Done) {
	q := l.stages[i].queue
	if q.NextDeadline() > now {
		return
	}
	gone := q.Expire(now)
	l.shed(now, gone, done)
	l.release(i, len(gone), now, done)
	if q.Timed() {
		l.serve(i, now, done)
	}
}

// shed answers those that were dropped.
func (l *lane) shed(now time.Duration, dropped []pipelines.Drop, done targets.Done) {
	for i := range dropped {
		token := dropped[i].Item.Token
		l.answer = targets.Response{Outcome: results.Shed, Cause: dropped[i].Cause.String(), Started: l.calls[token].started}
		done(token, now, &l.answer)
	}
}
