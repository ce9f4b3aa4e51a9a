package conformance

import (
	"context"
	"math/rand/v2"
	"sync/atomic"
	"time"

	"github.com/fcbench/fcbench/limiters"
)

// heldRules are for limiters of what is held at once. In their schedules a
// request without a cost gives back the oldest grant of its key.
func heldRules() []rule {
	define := func(name string, category Category, law string, p property, needed ...need) rule {
		return rule{name, category, law, append(needs(givenBack, anyTime), needed...), p.search(name)}
	}
	return []rule{
		define("held-exact", Oracle, "what fits beside all that is held is granted, and what does not is denied", property{holding, playHeld, 1}),
		define("held-once", Properties, "what was given back cannot be given back again, and trying changes nothing", property{holding, playTwice, 2}),
		{"held-concurrent", Concurrency, "callers at once never hold more than the limit", needs(givenBack, anyTime, concurrent), direct(checkHeldAtOnce)},
	}
}

func givenBack(s *subject) string { return unless(s.holds(), "what it grants is not given back") }

// anyTime is for what does not depend on time, but cannot be shown any if it needs a clock that is not here.
func anyTime(s *subject) string {
	return unless(s.free() || s.Clock != nil, "it goes by %s, which cannot be set here", s.clockName())
}

// holding makes requests and returns, close enough in time for nothing to expire.
func holding(s *subject, rng *rand.Rand) []request {
	requests := make([]request, steps(rng))
	now := time.Duration(0)
	for i := range requests {
		if s.free() {
			now += time.Duration(rng.Int64N(int64(time.Millisecond)) / int64(len(requests)))
		}
		requests[i] = request{now, "key", 0}
		if rng.IntN(5) < 3 {
			requests[i].n = s.cost(rng, rng.IntN(4))
		}
	}
	return requests
}

// holder keeps what a caller was granted and has not given back.
type holder struct {
	*caller
	permits []permit
	held    int64
}

type permit struct {
	name uint64
	n    int64
}

// play asks, or gives the oldest grant back if there is one.
func (h *holder) play(r request) (d limiters.Decision) {
	if r.n > 0 {
		if d = h.request(r); d.Allowed {
			h.permits, h.held = append(h.permits, permit{d.Permit, r.n}), h.held+r.n
		}
	} else if len(h.permits) > 0 {
		h.err = h.release(r.now, h.permits[0])
		h.permits, h.held = h.permits[1:], h.held-h.permits[0].n
	}
	return d
}

func (h *holder) release(now time.Duration, p permit) error {
	if h.err != nil {
		return h.err
	}
	now = h.await(now)
	at, err := ability[limiters.Releaser](h.limiter).Release(context.Background(), now, h.prefix+h.key, p.n, p.name)
	h.note(Step{Call: "release", Now: now, Returned: h.now(now), Key: h.key, N: p.n, At: at, Error: text(err)})
	return err
}

func playHeld(s *subject, requests []request) *breach {
	h := &holder{caller: s.caller()}
	for _, r := range requests {
		before := h.held
		d := h.play(r)
		switch fits := r.n <= s.capacity-before; {
		case h.err != nil:
			return h.broken()
		case r.n > 0 && d.Allowed != fits:
			return h.breach("at %v, with %d of %d held, a request of %d came back with Allowed %v", r.now, before, s.capacity, r.n, d.Allowed)
		case r.n > 0 && d.Remaining >= 0 && d.Remaining != s.capacity-h.held:
			return h.breach("at %v, with %d of %d held, Remaining is %d", r.now, h.held, s.capacity, d.Remaining)
		}
	}
	return nil
}

// playTwice gives each grant back a second time.
func playTwice(s *subject, requests []request) *breach {
	h := &holder{caller: s.caller()}
	for _, r := range requests {
		var back permit
		if len(h.permits) > 0 {
			back = h.permits[0]
		}
		before := h.held
		d := h.play(r)
		switch {
		case h.err != nil:
			return h.broken()
		case r.n > 0 && d.Allowed != (r.n <= s.capacity-before):
			return h.breach("at %v, with %d of %d held and grants given back twice, a request of %d came back with Allowed %v",
				r.now, before, s.capacity, r.n, d.Allowed)
		case r.n == 0 && back.n > 0 && h.release(r.now, back) == nil:
			return h.breach("at %v a grant of %d was given back a second time without an error", r.now, back.n)
		}
	}
	return nil
}

// checkHeldAtOnce counts what is surely held, from after a grant until before it
// is given back. In each round callers race to give back what they hold and to
// ask again, and then meet: what they were granted is held by all at one time,
// however quick they are. Together they ask for more than there is.
func checkHeldAtOnce(s *subject) *breach {
	var held gauge
	callers := crowd(s.caller(), "key", callersAtOnce)
	holders := make([]*holder, len(callers))
	for i, c := range callers {
		holders[i] = &holder{caller: c}
	}
	cost := min(s.most(), s.capacity/callersAtOnce+1)
	for range min(300, s.Decisions/callersAtOnce) {
		b := together(callers, func(i int, _ *caller) {
			holders[i].giveBack(&held)
			holders[i].take(&held, cost)
		})
		if worst := held.most.Load(); b == nil && worst > s.capacity {
			b = merged(callers).breach("%d were held at once; want at most %d", worst, s.capacity)
		}
		if b != nil {
			return b
		}
		for _, c := range callers { // what it was told last is all that matters from here
			c.steps = c.steps[len(c.steps)-1:]
		}
	}
	return together(callers, func(i int, _ *caller) { holders[i].giveBack(&held) })
}

// giveBack gives back what the holder has. It counts no more before it is back.
func (h *holder) giveBack(all *gauge) {
	all.now.Add(-h.held)
	h.play(request{0, h.key, 0})
}

// take asks for n, which count once they were granted.
func (h *holder) take(all *gauge, n int64) {
	if h.play(request{0, h.key, n}).Allowed {
		all.add(n)
	}
}

// gauge counts what many hold, and remembers the most.
type gauge struct{ now, most atomic.Int64 }

func (g *gauge) add(n int64) {
	now := g.now.Add(n)
	for most := g.most.Load(); now > most && !g.most.CompareAndSwap(most, now); {
		most = g.most.Load()
	}
}
