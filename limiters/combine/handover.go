package combine

import (
	"context"
	"hash/maphash"
	"sync"
	"sync/atomic"
	"time"

	"github.com/fcbench/fcbench/limiters"
)

const stripeCount = 64

// stripes lock keys, several to each lock.
type stripes struct {
	seed  maphash.Seed
	locks [stripeCount]struct {
		sync.Mutex
		_ [56]byte // a cache line each
	}
}

func newStripes() *stripes { return &stripes{seed: maphash.MakeSeed()} }

func (s *stripes) of(key string) *sync.Mutex {
	return &s.locks[maphash.String(s.seed, key)%stripeCount].Mutex
}

// An era is the time of one limiter. As long as its predecessors matter, it is
// also the hand-over from them; then a new era without them takes its place.
type era struct {
	number   int // of switches before it
	current  inner
	curve    curve
	capacity int64
	// floor is the instant at which predecessors were let go: what comes with an
	// earlier now is decided as at that instant, at which nobody owed anything.
	floor time.Duration
	// olds are the predecessors that may matter, the latest first.
	olds   []predecessor
	began  time.Duration
	settle atomic.Int64 // when to look again whether any still does
	keys   *stripes
}

// predecessor is a limiter that was replaced.
type predecessor struct {
	inner
	curve    curve
	capacity int64
	carry    carry         // to the current one
	memory   time.Duration // how long after its last grant a key may owe something
}

// begin returns the era of next, which follows e at now.
func (e *era) begin(now time.Duration, next inner, c curve) *era {
	f := &era{number: e.number + 1, current: next, curve: c, capacity: next.Bound(0), floor: e.floor, began: now, keys: newStripes()}
	f.inherit(predecessor{inner: e.current, curve: e.curve, capacity: e.capacity})
	for _, p := range e.olds {
		f.inherit(p)
	}
	return f
}

func (e *era) inherit(p predecessor) {
	p.carry = carried(p.curve, e.curve)
	p.memory = p.carry.fast.until(p.carry.most)
	e.olds = append(e.olds, p)
	e.settle.Store(int64(e.recheck(0, e.olds)))
}

// forgotten is when p can be let go if it was replaced at began: when all its
// keys have been as good as new for as long as they may owe something.
func (p *predecessor) forgotten(began time.Duration) time.Duration {
	return after(after(began, p.curve.until(p.curve.base)), p.memory)
}

// debt is what a key owes because of one predecessor: tokens at an instant, of
// which what has flowed in since is forgiven.
type debt struct {
	tokens int64
	since  time.Duration
	fast   curve
}

func (d debt) at(t time.Duration) int64 { return max(0, d.tokens-d.fast.growth(t-d.since)) }

// until is the instant from which on no more than room is owed.
func (d debt) until(room int64) time.Duration {
	return after(d.since, d.fast.until(d.tokens-room))
}

// debts appends what key owes. A now before the latest grant is taken for that
// instant, so to peek at 0 is to ask for it.
func (e *era) debts(ctx context.Context, key string, debts []debt) ([]debt, error) {
	for i := range e.olds {
		p := &e.olds[i]
		last, err := p.Peek(ctx, 0, key, 1)
		if err != nil {
			return nil, err
		}
		rem := left(last)
		if last.At == 0 && rem == p.capacity {
			continue // a key that p never knew
		}
		debts = append(debts, debt{p.carry.most - rem, last.At, p.carry.fast})
		if rem < p.capacity {
			break // p granted something, and took over what was owed by then
		}
	}
	return debts, nil
}

// ask decides on key, which may still be its predecessors'.
func (e *era) ask(ctx context.Context, now time.Duration, key string, n int64, take bool) (limiters.Decision, error) {
	now = max(now, e.floor)
	if len(e.olds) == 0 || n < 1 {
		return ask(ctx, e.current, now, key, n, take)
	}
	lock := e.keys.of(key)
	lock.Lock()
	defer lock.Unlock()
	known, err := e.current.Peek(ctx, 0, key, 1)
	if err != nil {
		return limiters.Decision{}, err
	}
	if left(known) < e.capacity {
		return ask(ctx, e.current, now, key, n, take)
	}
	var few [4]debt
	debts, err := e.debts(ctx, key, few[:0])
	if err != nil {
		return limiters.Decision{}, err
	}
	return e.takeOver(ctx, now, key, n, debts, take)
}

// takeOver decides on a key that current has granted nothing yet. With the
// first grant current is charged with the debts as well.
func (e *era) takeOver(ctx context.Context, now time.Duration, key string, n int64, debts []debt, take bool) (limiters.Decision, error) {
	at, owed := now, int64(0)
	for _, d := range debts {
		at = max(at, d.since)
	}
	for _, d := range debts {
		owed = max(owed, d.at(at))
	}
	room := max(0, e.capacity-owed)
	if n <= room || owed == 0 {
		return ask(ctx, e.current, at, key, n+owed, take)
	}
	denial := limiters.Decision{At: at, Remaining: room, RetryAfter: limiters.Never}
	var retry, reset time.Duration
	for _, d := range debts {
		retry, reset = max(retry, d.until(e.capacity-n)), max(reset, d.until(0))
	}
	denial.ResetAfter = reset - at
	if n <= e.capacity {
		denial.RetryAfter = retry - at
	}
	return denial, nil
}

// ask is Allow or Peek.
func ask(ctx context.Context, l inner, now time.Duration, key string, n int64, take bool) (limiters.Decision, error) {
	if take {
		return l.Allow(ctx, now, key, n)
	}
	return l.Peek(ctx, now, key, n)
}

// remembering returns the predecessors that may matter at now.
func (e *era) remembering(now time.Duration) []predecessor {
	var olds []predecessor
	for _, p := range e.olds {
		if now < p.forgotten(e.began) {
			olds = append(olds, p)
			continue
		}
		// A key that is left has been used since: somebody's clock was ahead of
		// the switch.
		if p.Reclaim(now - p.memory); p.Keys() > 0 {
			olds = append(olds, p)
		}
	}
	return olds
}

// recheck is when to look again at what had not been forgotten by now.
func (e *era) recheck(now time.Duration, olds []predecessor) time.Duration {
	next := limiters.Never
	for _, p := range olds {
		next = min(next, max(after(now, p.memory), p.forgotten(e.began)))
	}
	return next
}
