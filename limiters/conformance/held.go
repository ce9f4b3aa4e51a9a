package conformance

import (
	"context"
	"math/rand/v2"
	"time"

	"github.com/fcbench/fcbench/limiters"
)

// heldRules are for limiters of what is held at once. In their schedules a
// request without a cost gives back the oldest grant of its key.
func heldRules() []rule {
	define := func(name string, category Category, severity Severity, law string, p property, about ...need) rule {
		return rule{
			name: name, category: category, severity: severity, law: law,
			about: append(needs(givenBack), about...), means: needs(anyTime), check: p.search(name),
		}
	}
	return []rule{
		define("held-exact", Oracle, Medium, "what fits beside all that is held is granted, and what does not is denied", property{holding, playHeld, 1}),
		define("held-once", Properties, Medium, "what was given back cannot be given back again, and trying changes nothing", property{holding, playTwice, 2}),
		define("held-keys", Properties, Medium, "what is held of one key leaves others alone", property{holding, playHeldBeside, 2}, keyed),
		define("held-reclaim", Expiry, High, "what is held is not given up, however long it is", property{holding, playHeldReclaim, 2}, reclaimer),
		{name: "held-lease", category: Expiry, severity: High, law: "what is held is held until its lease ends, and no longer", about: needs(givenBack, leased), means: needs(free), check: direct(checkLease)},
		{name: "held-concurrent", category: Concurrency, severity: High, law: "callers at once never hold more than the limit", about: needs(givenBack), means: needs(anyTime, concurrent), after: []string{"held-exact"}, check: direct(checkHeldAtOnce)},
	}
}

func givenBack(s *subject) string { return unless(s.holds(), "what it grants is not given back") }

func leased(s *subject) string {
	return unless(s.info.Lease > 0, "what it grants is held until it is given back")
}

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
	if h.err = h.lost.err(); h.err != nil {
		return h.err
	}
	now = h.await(now)
	at, err := ability[limiters.Releaser](h.limiter).Release(context.Background(), h.show(now), h.prefix+h.key, p.n, p.name)
	h.lost.note(err)
	if h.clock == nil {
		at -= h.origin
	}
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
			return h.miscounted(before+r.n, s.capacity, "at %v, with %d of %d held, a request of %d came back with Allowed %v", r.now, before, s.capacity, r.n, d.Allowed)
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
			return h.miscounted(before+r.n, s.capacity, "at %v, with %d of %d held and grants given back twice, a request of %d came back with Allowed %v",
				r.now, before, s.capacity, r.n, d.Allowed)
		case r.n == 0 && back.n > 0 && h.release(r.now, back) == nil:
			return h.breach("at %v a grant of %d was given back a second time without an error", r.now, back.n)
		}
	}
	return nil
}
