package targets

import (
	"context"
	"time"

	"github.com/fcbench/fcbench/internal/events"
	"github.com/fcbench/fcbench/limiters"
	"github.com/fcbench/fcbench/results"
)

// Hold is how long the arrival numbered seq holds what it was granted.
type Hold func(seq uint64) time.Duration

// waiting is a limiter whose grants take time: a shaper lets a request go after
// its delay, and what a Releaser granted is held and then given back.
type waiting struct {
	*limiter
	hold Hold
}

// grant is a request that was admitted and is not over.
type grant struct {
	token   uint32
	key     string
	n       int64
	permit  uint64
	holder  limiters.Releaser // nil: nothing is given back
	started time.Duration
	answer  Response
}

// begin asks the limiter. An admission says how long it takes; anything else is
// an answer already.
func (w *waiting) begin(ctx context.Context, r *Request) (g grant, length time.Duration, over bool) {
	d, err := w.decide(ctx, r)
	response := answered(ctx, &d, err)
	if response.Outcome != results.OK {
		return grant{answer: response}, 0, true
	}
	if d.At >= 0 {
		response.Until = d.At + d.Delay
	}
	holder, _ := limiters.As[limiters.Releaser](w.trial.of(r.Class))
	length = d.Delay
	if holder != nil {
		length += w.hold(r.Seq)
	}
	return grant{r.Token, r.Key, r.Cost, d.Permit, holder, r.Now, response}, length, false
}

// end gives back what is to be given back, at now.
func (waiting) end(ctx context.Context, now time.Duration, g *grant) Response {
	if g.holder == nil {
		return g.answer
	}
	at, err := g.holder.Release(ctx, now, g.key, g.n, g.permit)
	if err != nil {
		return Failure(ctx, err)
	}
	g.answer.Until = at
	return g.answer
}

// eventLane is a lane of limiters that are called in the runner's loop, in real or
// in virtual time: grants in flight are events.
type eventLane struct {
	waiting
	env    Env
	ctx    context.Context
	agenda events.Agenda[grant]
	answer Response // reused, so that handing it on allocates nothing
}

// Start asks the limiter and answers at once unless time is to pass first. What
// ends at this instant, or should have ended before, ends first: several may be
// asked without a Poll between them, and what is given back is there for all.
func (t *eventLane) Start(now time.Duration, r *Request, done Done) {
	t.finish(now, done)
	g, length, over := t.begin(t.ctx, r)
	if over || length <= 0 && g.holder == nil {
		t.answer = g.answer
		t.answer.Started = now
		done(r.Token, t.env.Clock(), &t.answer)
		return
	}
	t.agenda.Push(now+length, g)
}

// Poll ends the grants whose time has passed.
func (t *eventLane) Poll(now, until time.Duration, done Done) time.Duration {
	now = await(&t.agenda, t.env, now, until)
	t.finish(now, done)
	return now
}

func (t *eventLane) finish(now time.Duration, done Done) {
	t.agenda.Settle(now, func(at time.Duration, g grant) {
		t.answer = t.end(t.ctx, at, &g)
		t.answer.Started = g.started
		done(g.token, at, &t.answer)
	})
}

// Close ends what is still granted.
func (t *eventLane) Close(ctx context.Context) error {
	t.agenda.Settle(events.Forever, func(at time.Duration, g grant) { t.end(ctx, at, &g) })
	return nil
}

// blockingLimiter is such a limiter behind a network, in real time.
type blockingLimiter struct{ waiting }

// giveBackWithin is how long giving back may take once its caller has left.
const giveBackWithin = 2 * time.Second

// Do asks, lets the time pass and gives back, whether its caller stays or not.
func (t blockingLimiter) Do(ctx context.Context, _ Clock, r *Request) Response {
	g, length, over := t.begin(ctx, r)
	if over {
		return g.answer
	}
	if length > 0 {
		if err := Sleep(ctx, length); err != nil {
			g.answer = Failure(ctx, err)
		}
	}
	after, cancel := context.WithTimeout(context.WithoutCancel(ctx), giveBackWithin)
	defer cancel()
	return t.end(after, r.Now+length, &g)
}

// Sleep returns after length, or with ctx's error when it ends.
func Sleep(ctx context.Context, length time.Duration) error {
	timer := time.NewTimer(length)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
