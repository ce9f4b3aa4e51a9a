package conformance

import (
	"context"
	"slices"
)

// rules lists all there are. The first one makes sure that there is something
// to check.
func rules() []rule {
	first := []rule{{
		name: "description", category: Properties, severity: Low,
		law:   "a limiter says what it is, enforces the limit that was asked for, and its bound does not shrink with the window",
		check: direct(checkDescription),
	}}
	return slices.Concat(first, knownAnswers(), randomRules(), directRules(), reserveRules(), heldRules(), changeRules(), liveRules())
}

// randomRules are properties of schedules.
func randomRules() []rule {
	define := func(name string, category Category, severity Severity, law string, p property, about ...need) rule {
		return rule{
			name: name, category: category, severity: severity, law: law,
			about: append(needs(rated), about...), means: needs(timed), check: p.search(name),
		}
	}
	late := func(name string, severity Severity, law string, p property, about ...need) rule {
		r := define(name, Clocks, severity, law, p, about...)
		r.means = needs(free)
		return r
	}
	reclaimAll := define("reclaim-all", Expiry, Low, "state that is as good as new is given up", property{orderly, playReclaimAll, 1}, reclaimer, ownKeys, exact)
	reclaimAll.means = append(reclaimAll.means, unshared)
	return []rule{
		define("false-admits", Oracle, High, "what the exact model denies is denied, and a shaper lets nothing go but when the model does", property{varied, playAdmits, 1}, model),
		define("false-denials", Oracle, Medium, "what the exact model grants is granted", property{varied, playDenials, 1}, model),
		define("frozen-clock", Properties, Medium, "while the clock stands still exactly the burst is granted", property{frozen, playFrozen, 1}, denies, exact),
		define("bound", Properties, High, "no window, of any length, holds more grants than the limiter's Bound of that length", property{varied, playBound, 1}),
		define("denial", Properties, Medium, "a denied request changes nothing", property{orderly, playDenial, 4}, denies, exact),
		define("peek", Properties, Medium, "Peek answers as Allow would and takes nothing", property{orderly, playPeek, 5}, peeker),
		define("patience", Properties, Medium, "whoever waits longer, while nobody else asks, is not granted less", property{short, playPatience, 2}, exact),
		define("split", Properties, Medium, "what is granted at once is granted in two parts as well", property{short, playSplit, 2}, weighted, exact),
		define("retry-after", Promises, Low, "a retry after RetryAfter is granted", property{orderly, playRetry, 2}, tellsRetry, exact),
		define("retry-tight", Promises, Low, "a retry one granule before RetryAfter is over is denied", property{orderly, playEarly, 2}, tellsRetry, exact),
		define("reset-after", Promises, Low, "after ResetAfter the whole burst is there, and one granule sooner it is not", property{orderly, playReset, 3}, weighted, finite, alone, tellsReset, exact),
		define("remaining", Promises, Low, "Remaining more tokens are granted at once, and one more is denied", property{orderly, playRemaining, 3}, weighted, finite, tellsRemaining, exact),
		define("reclaim", Expiry, High, "state is given up only when it is as good as new", property{orderly, playReclaim, 2}, reclaimer),
		reclaimAll,
		late("order", Medium, "whatever the order of now, a request is decided no earlier than the latest grant and no later than the latest now", property{disorderly, playOrder, 1}, tellsAt),
		late("disorder", High, "whatever the order of now, no window holds more grants than the limiter's Bound of that length", property{disorderly, playBound, 1}),
		late("late-exact", Medium, "a late request is decided as the exact model does at the instant of the latest grant", property{fewDisorderly, playExactly, 4}, model, tellsAt),
	}
}

// directRules play schedules of their own.
func directRules() []rule {
	all := []rule{
		{name: "saturation", category: KnownAnswers, law: "a bucket that is asked all the time grants each token in the granule in which it is due", about: needs(bucket, model), means: needs(timed), check: direct(checkSaturation)},
		{name: "departures", category: KnownAnswers, law: "a queue lets each token go in the granule in which those before it have left", about: needs(shaper, model, alone), means: needs(timed), check: direct(checkDepartures)},
		{name: "window-edge", category: KnownAnswers, law: "around an edge a fixed window grants twice its limit, a log never more than once, a counter what the share of the older window leaves", about: needs(window, model, aligned), means: needs(free), check: direct(checkWindowEdge)},
		{name: "cost", category: Properties, law: "a cost below 1 is an error; one above the burst is denied, never to be granted, and takes nothing, however many bits it has", about: needs(weighted, finite), means: needs(timed), check: direct(checkCost)},
		{name: "keys", category: Properties, law: "keys do not know of each other, whatever is in them and however alike they are", about: needs(keyed), means: needs(timed, once), check: direct(checkKeys)},
		{name: "many-keys", category: Expiry, severity: High, law: "a key is remembered however many others there are", about: needs(keyed, finite, exact), means: needs(timed, once), check: direct(checkManyKeys)},
		{name: "allocation", category: Properties, severity: Low, law: "deciding on a known key allocates nothing", about: needs(noAllocation), means: needs(timed), check: direct(checkAllocation)},
		{name: "concurrent-burst", category: Concurrency, law: "callers at once, while the clock stands still, are granted exactly the burst of each key", about: needs(exact), means: needs(timed, concurrent), after: []string{"frozen-clock", "description", "cost"}, check: direct(checkConcurrentBurst)},
		{name: "concurrent-bound", category: Concurrency, severity: High, law: "callers at once, with clocks that disagree, stay within the Bound of every window", about: needs(tellsAt), means: needs(free, concurrent), after: []string{"bound", "disorder", "order"}, check: direct(checkConcurrentBound)},
		{name: "linearizable", category: Concurrency, law: "what callers at once are answered, they could have been answered one after the other", about: needs(model), means: needs(free, concurrent), after: []string{"false-admits", "false-denials", "order", "disorder", "late-exact"}, check: checkLinearizable},
		{name: "backwards", category: Clocks, law: "an earlier now is decided as at the latest grant: it brings nothing and stalls nothing", about: needs(denies, exact), means: needs(free), check: direct(checkBackwards)},
		{name: "long-idle", category: Clocks, law: "ten idle years bring the burst, and no more", about: needs(denies, exact), means: needs(timed), check: direct(checkLongIdle)},
		{name: "extremes", category: Clocks, severity: High, law: "the ends of the clock and of the count are decided or refused like any others", means: needs(free), check: direct(checkExtremes)},
	}
	for i := range all {
		all[i].about = append(needs(rated), all[i].about...)
		if all[i].severity == "" {
			all[i].severity = Medium
		}
	}
	return all
}

// direct makes a check of one that plays schedules of its own.
func direct(check func(*subject) *breach) func(context.Context, *subject) *breach {
	return func(ctx context.Context, s *subject) *breach {
		defer s.recycle(ctx)
		return check(s)
	}
}
