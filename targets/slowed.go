package targets

import (
	"context"
	"time"

	"github.com/fcbench/fcbench/internal/events"
)

// Slowed is a target each of whose answers takes longer by a share of its own time: a
// regression of a size that is known, to see whether it is found. An answer is held
// back for so much longer than it took since its call, and counts from when it is let
// go; what a call without a lane is made to last is a share of what calls last on average.
// It has no queues: one that has is slower by other means.
func Slowed(t Target, share float64) Target { return &slowed{Target: t, share: share} }

type slowed struct {
	Target
	share  float64
	caller *slowCaller
}

func (t *slowed) Info() Info {
	info := t.Target.Info()
	if info.Inline == nil {
		return info
	}
	if t.caller == nil {
		t.caller = newSlowCaller(info.Inline, t.share)
	}
	info.Inline = t.caller
	return info
}

func (t *slowed) Lane(ctx context.Context, env Env, i, n int) (Async, error) {
	lane, err := t.Target.Lane(ctx, env, i, n)
	if err != nil {
		return lane, err
	}
	s := &slowedLane{Async: lane, env: env, share: t.share}
	s.take = s.hold
	return s, nil
}

// slowedLane holds answers back.
type slowedLane struct {
	Async
	env   Env
	share float64
	began []time.Duration // of the call, by token
	held  events.Agenda[heldAnswer]
	take  Done // l.hold, bound once
}

// heldAnswer is one that is let go later.
type heldAnswer struct {
	token    uint32
	response Response
}

// Start begins r. Its answer is never there at once.
func (l *slowedLane) Start(now time.Duration, r *Request, done Done) {
	for int(r.Token) >= len(l.began) {
		l.began = append(l.began, 0)
	}
	l.began[r.Token] = now
	l.Async.Start(now, r, l.take)
	l.release(now, done)
}

// Poll waits for answers of the lane itself, not past what is let go next.
func (l *slowedLane) Poll(now, until time.Duration, done Done) time.Duration {
	if next, ok := l.held.Next(); ok {
		until = max(now, min(until, next))
	}
	now = l.Async.Poll(now, until, l.take)
	l.release(now, done)
	return now
}

// hold keeps an answer that came at an instant. What it holds by reference is the lane's.
func (l *slowedLane) hold(token uint32, at time.Duration, r *Response) {
	h := heldAnswer{token, *r}
	if r.Phases != nil {
		phases := *r.Phases
		h.response.Phases = &phases
	}
	took := max(0, at-l.began[token])
	l.held.Push(at+time.Duration(l.share*float64(took)), h)
}

// release lets go what is due.
func (l *slowedLane) release(now time.Duration, done Done) {
	for h, at, ok := l.held.Due(now); ok; h, at, ok = l.held.Due(now) {
		done(h.token, at, &h.response)
	}
}
