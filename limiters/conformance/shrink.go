package conformance

import (
	"cmp"
	"context"
	"math/bits"
	"slices"
	"time"
)

// shrinker looks for the smallest schedule that still breaks a rule, as delta
// debugging does (Zeller and Hildebrandt, 2002): it leaves out ever smaller
// pieces, then makes what is left plainer, until nothing more can be had.
type shrinker struct {
	s        *subject
	ctx      context.Context
	play     func(s *subject, requests []request) *breach
	requests []request
	breach   *breach
	patience int // decisions that may still be asked for
}

// shrink returns the breach of the smallest schedule found within ten times the
// decisions that a rule may ask for. b is that of requests.
func (s *subject) shrink(ctx context.Context, requests []request, b *breach, play func(*subject, []request) *breach) *breach {
	sh := &shrinker{s: s, ctx: ctx, play: play, requests: requests, breach: b, patience: 10 * s.Decisions}
	sh.run()
	return sh.breach
}

// run goes on until nothing makes the schedule simpler.
func (sh *shrinker) run() {
	for sh.drop() || sh.merge() || sh.cheapen() || sh.unkey() || sh.retime() {
	}
}

// try takes requests in place of those so far if they are simpler and break the rule.
func (sh *shrinker) try(requests []request) bool {
	if sh.patience <= 0 || sh.ctx.Err() != nil || !playable(requests, sh.requests) || !sh.s.simpler(requests, sh.requests) {
		return false
	}
	b := sh.play(sh.s, requests)
	sh.s.recycle(sh.ctx)
	sh.patience -= len(requests)
	if b == nil || b.undecided != "" {
		return false
	}
	sh.requests, sh.breach = requests, b
	return true
}

// playable reports whether requests are in order if those before were, and none
// comes before the start.
func playable(requests, before []request) bool {
	return (isSorted(requests) || !isSorted(before)) &&
		!slices.ContainsFunc(requests, func(r request) bool { return r.now < 0 })
}

// drop leaves out pieces of any length, with and without the time they took.
func (sh *shrinker) drop() (any bool) {
	for size := len(sh.requests); size > 0; size /= 2 {
		for i := 0; i+size <= len(sh.requests); {
			without := slices.Concat(sh.requests[:i], sh.requests[i+size:])
			if sh.try(without) || i < len(without) && sh.try(later(without, i, sh.requests[i].now-sh.requests[i+size].now)) {
				any = true
			} else {
				i += size
			}
		}
	}
	return any
}

// merge makes one of two neighbours at one instant.
func (sh *shrinker) merge() (any bool) {
	for i := 0; i+1 < len(sh.requests); {
		a, b := sh.requests[i], sh.requests[i+1]
		if !sh.s.info.Unweighted && a.now == b.now && a.key == b.key && b.n <= sh.s.capacity-a.n {
			merged := slices.Delete(slices.Clone(sh.requests), i, i+1)
			merged[i].n = a.n + b.n
			if sh.try(merged) {
				any = true
				continue
			}
		}
		i++
	}
	return any
}

func (sh *shrinker) cheapen() (any bool) {
	for i := range sh.requests {
		for _, n := range []int64{1, sh.requests[i].n / 2, sh.requests[i].n - 1} {
			any = sh.try(changed(sh.requests, i, func(r *request) { r.n = max(1, n) })) || any
		}
	}
	return any
}

// unkey has fewer requests be about strange keys, first all those of one.
func (sh *shrinker) unkey() (any bool) {
	for _, key := range []string{"other", "third"} {
		alike := slices.Clone(sh.requests)
		for i := range alike {
			if alike[i].key == key {
				alike[i].key = "key"
			}
		}
		any = sh.try(alike) || any
	}
	for i := range sh.requests {
		any = sh.try(changed(sh.requests, i, func(r *request) { r.key = "key" })) || any
	}
	return any
}

// retime gives each request a plainer distance from the one before, and those
// behind it keep either their distance or their instants.
func (sh *shrinker) retime() (any bool) {
	for i := range sh.requests {
		for _, d := range sh.s.plain(gap(sh.requests, i)) {
			by := d - gap(sh.requests, i)
			any = sh.try(later(sh.requests, i, by)) ||
				sh.try(changed(sh.requests, i, func(r *request) { r.now += by })) || any
		}
	}
	return any
}

func changed(requests []request, i int, change func(*request)) []request {
	requests = slices.Clone(requests)
	change(&requests[i])
	return requests
}

// later moves the requests from i on by d.
func later(requests []request, i int, d time.Duration) []request {
	requests = slices.Clone(requests)
	for j := i; j < len(requests); j++ {
		requests[j].now += d
	}
	return requests
}

// gap is the time from the request before i to that.
func gap(requests []request, i int) time.Duration {
	if i == 0 {
		return requests[0].now
	}
	return requests[i].now - requests[i-1].now
}

func isSorted(requests []request) bool {
	return slices.IsSortedFunc(requests, func(a, b request) int { return cmp.Compare(a.now, b.now) })
}

// plain lists what could stand in place of a distance, the plainest first.
func (s *subject) plain(d time.Duration) []time.Duration {
	all := []time.Duration{0, s.granule, s.interval, s.refill, s.whole(s.limit.Period), s.whole(d / 2)}
	for digit := time.Duration(1e18); digit >= s.granule; digit /= 10 {
		if down := d / digit * digit; digit <= max(d, -d) {
			all = append(all, s.whole(down), s.whole(down+digit), s.whole(down-digit))
		}
	}
	return all
}

// simpler compares schedules: fewer requests, then fewer keys, fewer tokens, and
// distances that need fewer digits to write down.
func (s *subject) simpler(a, b []request) bool {
	for _, measure := range []func([]request) int64{
		func(r []request) int64 { return int64(len(r)) }, strangeKeys, tokens, s.digits,
	} {
		if x, y := measure(a), measure(b); x != y {
			return x < y
		}
	}
	return false
}

func strangeKeys(requests []request) (n int64) {
	for _, r := range requests {
		if r.key != "key" {
			n++
		}
	}
	return n
}

func tokens(requests []request) (n int64) {
	for _, r := range requests {
		n += min(r.n, 1<<40)
	}
	return n
}

// digits is mostly the number of significant ones in all distances.
func (s *subject) digits(requests []request) (n int64) {
	for i := range requests {
		d := gap(requests, i)
		if d < 0 {
			d, n = -d, n+100
		}
		n += int64(bits.Len64(uint64(d)))
		if d == s.interval || d == s.refill {
			continue
		}
		for d != 0 && d%10 == 0 {
			d /= 10
		}
		for ; d != 0; d /= 10 {
			n += 100
		}
	}
	return n
}
