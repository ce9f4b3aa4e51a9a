package conformance

import (
	"context"
	"slices"
)

// A rule is one promise and the way to catch who breaks it.
type rule struct {
	name     string
	category Category
	law      string
	needs    []need
	check    func(ctx context.Context, s *subject) *breach
}

// apply returns how s breaks the rule, if it does. What is known by hand is known
// of exact limiters: of one that keeps time in steps, an outcome that every
// single decision was right for is no breach.
func (r rule) apply(ctx context.Context, s *subject) *breach {
	b := s.concludes(r.check(ctx, s))
	if b != nil && r.category == KnownAnswers && s.slack() > 0 && b.justified() {
		return nil
	}
	if b != nil && !r.modelled() {
		b.unjudged()
	}
	return b
}

// modelled reports whether the rule is about what an exact model would answer.
// Of other rules a model knows nothing: what it would have granted may be what
// breaks them.
func (r rule) modelled() bool { return r.category == KnownAnswers || r.category == Oracle }

// unjudged takes back what would have been right. Nobody else has the steps.
func (b *breach) unjudged() {
	for i := range b.steps {
		b.steps[i].Right = ""
	}
}

// justified reports whether an exact model agrees with every step, as far as a
// step of the limiter's clock allows.
func (b *breach) justified() bool {
	return len(b.steps) > 0 && !slices.ContainsFunc(b.steps, func(s Step) bool {
		return s.Error != "" || s.Right == "granted" && !s.Allowed || s.Right == "denied" && s.Allowed
	})
}

// missing says why the rule does not apply to s; empty when it does.
func (r rule) missing(s *subject) string {
	for _, n := range r.needs {
		if reason := n(s); reason != "" {
			return reason
		}
	}
	return ""
}

// rules lists all there are. The first one makes sure that there is something
// to check.
func rules() []rule {
	first := []rule{
		{"description", Properties, "a limiter says what it is, enforces the limit that was asked for, and its bound does not shrink with the window", nil, direct(checkDescription)},
	}
	return slices.Concat(first, knownAnswers(), randomRules(), directRules(), heldRules(), changeRules(), liveRules())
}

// directRules play schedules of their own.
func directRules() []rule {
	return []rule{
		{"saturation", KnownAnswers, "a bucket that is asked all the time grants each token in the granule in which it is due", needs(timed, bucket, model), direct(checkSaturation)},
		{"window-edge", KnownAnswers, "around an edge a fixed window grants twice its limit, a log never more than once, a counter what the share of the older window leaves", needs(free, window, model), direct(checkWindowEdge)},
		{"cost", Properties, "a cost below 1 is an error; one above the burst is denied, never to be granted, and takes nothing", needs(timed, weighted, finite), direct(checkCost)},
		{"keys", Properties, "keys do not know of each other, whatever is in them", needs(timed, keyed, once), direct(checkKeys)},
		{"allocation", Properties, "deciding on a known key allocates nothing", needs(timed, noAllocation), direct(checkAllocation)},
		{"concurrent-burst", Concurrency, "callers at once, while the clock stands still, are granted exactly the burst of each key", needs(timed, concurrent), direct(checkConcurrentBurst)},
		{"concurrent-bound", Concurrency, "callers at once, with clocks that disagree, stay within the Bound of every window", needs(free, concurrent, tellsAt), direct(checkConcurrentBound)},
		{"linearizable", Concurrency, "what callers at once are answered, they could have been answered one after the other", needs(free, concurrent, model), checkLinearizable},
		{"backwards", Clocks, "an earlier now is decided as at the latest grant: it brings nothing and stalls nothing", needs(free, denies), direct(checkBackwards)},
		{"long-idle", Clocks, "ten idle years bring the burst, and no more", needs(timed, denies), direct(checkLongIdle)},
		{"extremes", Clocks, "the ends of the clock and of the count are decided or refused like any others", needs(free), direct(checkExtremes)},
	}
}

// randomRules are properties of schedules.
func randomRules() []rule {
	define := func(name string, category Category, law string, p property, needed ...need) rule {
		return rule{name, category, law, append(needs(timed), needed...), p.search(name)}
	}
	return []rule{
		define("false-admits", Oracle, "what the exact model denies is denied, and a shaper lets nothing go but when the model does", property{varied, playAdmits, 1}, model),
		define("false-denials", Oracle, "what the exact model grants is granted", property{varied, playDenials, 1}, model),
		define("frozen-clock", Properties, "while the clock stands still exactly the burst is granted", property{frozen, playFrozen, 1}, denies),
		define("bound", Properties, "no window, of any length, holds more grants than the limiter's Bound of that length", property{orderly, playBound, 1}),
		define("denial", Properties, "a denied request changes nothing", property{orderly, playDenial, 4}, denies),
		define("peek", Properties, "Peek answers as Allow would and takes nothing", property{orderly, playPeek, 5}, peeker),
		define("patience", Properties, "whoever waits longer, while nobody else asks, is not granted less", property{short, playPatience, 2}),
		define("split", Properties, "what is granted at once is granted in two parts as well", property{short, playSplit, 2}, weighted),
		define("retry-after", Promises, "a retry after RetryAfter is granted", property{orderly, playRetry, 2}, tellsRetry),
		define("retry-tight", Promises, "a retry one granule before RetryAfter is over is denied", property{orderly, playEarly, 2}, tellsRetry),
		define("reset-after", Promises, "after ResetAfter the whole burst is there, and one granule sooner it is not", property{orderly, playReset, 3}, weighted, finite, alone, tellsReset),
		define("remaining", Promises, "Remaining more tokens are granted at once, and one more is denied", property{orderly, playRemaining, 3}, weighted, finite, tellsRemaining),
		define("reclaim", Expiry, "state is given up only when it is as good as new", property{orderly, playReclaim, 2}, reclaimer),
		define("reclaim-all", Expiry, "state that is as good as new is given up", property{orderly, playReclaimAll, 1}, reclaimer, unshared, ownKeys),
		define("order", Clocks, "whatever the order of now, a request is decided no earlier than the latest grant and no later than the latest now", property{disorderly, playOrder, 1}, free, tellsAt),
		define("disorder", Clocks, "whatever the order of now, no window holds more grants than the limiter's Bound of that length", property{disorderly, playBound, 1}, free),
	}
}

// direct makes a check of one that plays schedules of its own.
func direct(check func(*subject) *breach) func(context.Context, *subject) *breach {
	return func(ctx context.Context, s *subject) *breach {
		defer s.recycle(ctx)
		return check(s)
	}
}
