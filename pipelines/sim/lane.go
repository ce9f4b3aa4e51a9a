package sim

import (
	"context"
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
	agenda   events.Agenda[service]
	calls    []call // by token
	answer   targets.Response
	account  Account
}

// stage is a stage of it. A worker that cannot pass on what it has done is not idle.
type stage struct {
	queue   *pipelines.Queue
	idle    int // workers
	service func(seq uint64) time.Duration
	pace    Pace
}

// service is an item that a worker of a stage has in hand.
type service struct {
	item  pipelines.Item
	stage int
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
	it := Item(r, l.deadline)
	l.offer(0, now, &it, done)
}

// Poll implements [targets.Async].
func (l *lane) Poll(now, until time.Duration, done targets.Done) time.Duration {
	if until = min(until, l.next()); until > now {
		now = l.env.Wait(now, until)
	}
	l.settle(now, done)
	return now
}

// Close implements [targets.Async].
func (l *lane) Close(context.Context) error { return nil }

// next is the next instant at which something happens.
func (l *lane) next() time.Duration {
	next := pipelines.Forever
	if at, ok := l.agenda.Next(); ok {
		next = at
	}
	for i := range l.stages {
		next = min(next, l.stages[i].queue.NextDeadline())
	}
	return next
}

// settle lets happen what is due, one instant after the other.
func (l *lane) settle(now time.Duration, done targets.Done) {
	for at := l.next(); at <= now && at != pipelines.Forever; at = l.next() {
		for s, _, ok := l.agenda.Due(at); ok; s, _, ok = l.agenda.Due(at) {
			l.finish(at, s, done)
		}
		for i := range l.stages {
			l.expire(i, at, done)
		}
	}
}

// offer hands an item to the queue of stage i. It reports whether the item stands
// at its door now.
func (l *lane) offer(i int, now time.Duration, it *pipelines.Item, done targets.Done) (waits bool) {
	verdict, dropped := l.stages[i].queue.Offer(now, it)
	l.shed(now, dropped, done)
	l.serve(i, now, done)
	return verdict == pipelines.Waiting
}

// serve gives work to the idle workers of stage i, as long as there is some.
func (l *lane) serve(i int, now time.Duration, done targets.Done) {
	s := &l.stages[i]
	for next := (service{stage: i}); s.idle > 0; {
		outside := s.queue.Waiting()
		ok, dropped, _ := s.queue.Take(now, &next.item)
		l.shed(now, dropped, done)
		if ok {
			s.idle--
			l.begin(now, next)
		}
		if l.release(i, outside-s.queue.Waiting(), now, done); !ok {
			return
		}
	}
}

// begin begins the service of an item.
func (l *lane) begin(now time.Duration, next service) {
	c, s := &l.calls[next.item.Token], &l.stages[next.stage]
	if next.stage == 0 {
		c.started = now
	}
	if end := s.pace.End(now, s.service(c.seq)); end != pipelines.Forever {
		c.spent += end - now
		l.account.Busy += end - now
		l.agenda.Push(end, next)
	}
}

// release lets n workers go on that were held up at the door of stage i.
func (l *lane) release(i, n int, now time.Duration, done targets.Done) {
	if i == 0 || n == 0 {
		return
	}
	l.stages[i-1].idle += n
	l.serve(i-1, now, done)
}

// finish passes on what a worker has done, and gives it something new.
func (l *lane) finish(now time.Duration, s service, done targets.Done) {
	if s.stage+1 == len(l.stages) {
		if !s.item.Expired(now) {
			l.account.Alive += l.calls[s.item.Token].spent
		}
		l.answer = targets.Response{Outcome: results.OK, Started: l.calls[s.item.Token].started}
		done(s.item.Token, now, &l.answer)
	} else if l.offer(s.stage+1, now, &s.item, done) {
		return // at that door, the worker with it
	}
	l.stages[s.stage].idle++
	l.serve(s.stage, now, done)
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
}

// shed answers those that were dropped.
func (l *lane) shed(now time.Duration, dropped []pipelines.Drop, done targets.Done) {
	for i := range dropped {
		token := dropped[i].Item.Token
		l.answer = targets.Response{Outcome: results.Shed, Cause: dropped[i].Cause.String(), Started: l.calls[token].started}
		done(token, now, &l.answer)
	}
}
