package combine

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/fcbench/fcbench/internal/rounds"
	"github.com/fcbench/fcbench/limiters"
)

var limitPairs = []struct{ from, to limiters.Limit }{
	{limiters.Limit{Rate: 10, Period: 1000, Burst: 10}, limiters.Limit{Rate: 10, Period: 1000, Burst: 10}},
	{limiters.Limit{Rate: 10, Period: 1000, Burst: 10}, limiters.Limit{Rate: 30, Period: 1000, Burst: 30}},
	{limiters.Limit{Rate: 30, Period: 1000, Burst: 30}, limiters.Limit{Rate: 10, Period: 1000, Burst: 10}},
	{limiters.Limit{Rate: 10, Period: 1000, Burst: 1}, limiters.Limit{Rate: 3, Period: 300, Burst: 20}},
	{limiters.Limit{Rate: 3, Period: 300, Burst: 20}, limiters.Limit{Rate: 10, Period: 1000, Burst: 1}},
	{limiters.Limit{Rate: 7, Period: 1000, Burst: 3}, limiters.Limit{Rate: 2, Period: 30, Burst: 9}},
	{limiters.Limit{Rate: 1, Period: 100, Burst: 1}, limiters.Limit{Rate: 1, Period: 70, Burst: 4}},
	{limiters.Limit{Rate: 1, Period: 70, Burst: 4}, limiters.Limit{Rate: 1, Period: 100, Burst: 1}},
	{limiters.Limit{Rate: 1, Period: 10, Burst: 40}, limiters.Limit{Rate: 100, Period: 1000, Burst: 2}},
	{limiters.Limit{Rate: 100, Period: 1000, Burst: 2}, limiters.Limit{Rate: 50, Period: 700, Burst: 60}},
}

// TestNoWindowHoldsMore switches between all ordered pairs of algorithms, under
// callers who do their worst around the switch and around edges.
func TestNoWindowHoldsMore(t *testing.T) {
	seeds := rounds.Of(8)
	for _, from := range kinds {
		for _, to := range kinds {
			for i, limits := range limitPairs {
				for s := range uint64(seeds) {
					rng := rand.New(rand.NewPCG(s, uint64(i)))
					a, b := made(t, from.name, limits.from), made(t, to.name, limits.to)
					grants := switched(t, rng, a, b)
					bound := func(w time.Duration) int64 { return max(a.Bound(w), b.Bound(w)) }
					if err := worst(grants, bound); err != nil {
						t.Fatalf("%s %+v to %s %+v, seed %d: %v", from.name, limits.from, to.name, limits.to, s, err)
					}
				}
			}
		}
	}
}

// switched plays a random schedule past a limiter that is a first and then b.
func switched(tb testing.TB, rng *rand.Rand, a, b inner) []grant {
	tb.Helper()
	l := must(newSwitchable(a))(tb)
	long := []time.Duration{a.Info().Limit.Period, b.Info().Limit.Period}
	change := instant(rng, long) + 3*long[0]
	style, now, grants, done := rng.IntN(3), time.Duration(0), []grant(nil), false
	if rng.IntN(2) == 0 { // a burst right before the switch, and one right after
		now = change - time.Duration(rng.IntN(3))
	}
	for range 100 {
		if now >= change && !done {
			if rng.IntN(2) == 0 {
				drain(tb, l, change, &grants)
			}
			if err := l.switchTo(change, b); err != nil {
				tb.Fatal(err)
			}
			done = true
			drain(tb, l, change, &grants)
		}
		seen := now // mostly; sometimes it is somebody who looked earlier
		if rng.IntN(8) == 0 {
			seen = max(0, now-time.Duration(rng.Int64N(int64(long[0]))))
		}
		act(tb, rng, style, l, seen, &grants)
		now += gap(rng, style, now, long)
	}
	return grants
}

// act takes everything, or a little, or first one and then the other.
func act(tb testing.TB, rng *rand.Rand, style int, l limiters.Limiter, now time.Duration, grants *[]grant) {
	tb.Helper()
	if style == 0 || rng.IntN(3) == 0 {
		drain(tb, l, now, grants)
		return
	}
	n := 1 + rng.Int64N(4)
	d, err := l.Allow(context.Background(), now, "k", n)
	if err != nil {
		tb.Fatal(err)
	}
	if d.Allowed {
		*grants = append(*grants, grant{d.At, n})
	}
}

// gap moves to the next instant at which something may change.
func gap(rng *rand.Rand, style int, now time.Duration, long []time.Duration) time.Duration {
	p := long[rng.IntN(2)]
	if style == 2 && rng.IntN(2) == 0 { // steadily
		return max(1, p/10)
	}
	switch rng.IntN(7) {
	case 0:
		return 1
	case 1:
		return p - now%p // the edge
	case 2:
		return max(1, p-now%p-1) // just before it
	case 3:
		return p
	case 4:
		return p + 1
	case 5:
		return time.Duration(rng.Int64N(int64(2 * p)))
	}
	return time.Duration(rng.Int64N(20))
}

// instant is at an edge, next to one, or anywhere.
func instant(rng *rand.Rand, long []time.Duration) time.Duration {
	p := long[rng.IntN(2)]
	edge := p * time.Duration(rng.IntN(4))
	switch rng.IntN(4) {
	case 0:
		return edge
	case 1:
		return edge + 1
	case 2:
		return edge + p - 1
	}
	return edge + time.Duration(rng.Int64N(int64(p)))
}

// FuzzNoWindowHoldsMore draws limits, instants and costs from bytes.
func FuzzNoWindowHoldsMore(f *testing.F) {
	f.Add(uint8(3), uint8(0), uint16(10), uint16(1000), uint8(10), uint16(10), uint16(1000), uint8(10), uint64(1))
	f.Add(uint8(4), uint8(2), uint16(3), uint16(300), uint8(1), uint16(50), uint16(700), uint8(60), uint64(2))
	f.Add(uint8(5), uint8(5), uint16(1), uint16(9), uint8(1), uint16(2), uint16(19), uint8(3), uint64(3))
	f.Fuzz(func(t *testing.T, from, to uint8, rateA, periodA uint16, burstA uint8, rateB, periodB uint16, burstB uint8, seed uint64) {
		limit := func(rate, period uint16, burst uint8) limiters.Limit {
			p := 1 + int64(period%2000)
			return limiters.Limit{Rate: 1 + int64(rate)%p, Period: time.Duration(p), Burst: 1 + int64(burst)}
		}
		a, errA := kinds[int(from)%len(kinds)].build(limit(rateA, periodA, burstA))
		b, errB := kinds[int(to)%len(kinds)].build(limit(rateB, periodB, burstB))
		if errA != nil || errB != nil {
			t.Fatal(errA, errB)
		}
		bound := func(w time.Duration) int64 { return max(a.(inner).Bound(w), b.(inner).Bound(w)) }
		grants := switched(t, rand.New(rand.NewPCG(seed, 0)), a.(inner), b.(inner))
		if err := worst(grants, bound); err != nil {
			t.Fatal(err)
		}
	})
}

// TestCurves holds the two claims about each curve to the limiters' own bounds.
func TestCurves(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for _, k := range kinds {
		for range 60 {
			period := 1 + rng.Int64N(40)
			limit := limiters.Limit{Rate: 1 + rng.Int64N(period), Period: time.Duration(period), Burst: 1 + rng.Int64N(9)}
			l := made(t, k.name, limit)
			c := must(curveOf("it", l.Info()))(t)
			for w := range time.Duration(130) {
				if l.Bound(w) > c.base+c.growth(w) {
					t.Fatalf("%s %+v: Bound(%v) is %d; want at most %d + %d", k.name, limit, w, l.Bound(w), c.base, c.growth(w))
				}
				for x := range time.Duration(90) {
					if more := l.Bound(x+w) - l.Bound(x); more < c.growth(w) {
						t.Fatalf("%s %+v: from %v to %v the bound grows by %d; want at least %d", k.name, limit, x, x+w, more, c.growth(w))
					}
				}
				if n := c.growth(w); n > 0 && (c.until(n) > w || c.growth(c.until(n)) < n || c.growth(c.until(n)-1) >= n) {
					t.Fatalf("%s %+v: until(%d) is %v; want the shortest time that brings as much", k.name, limit, n, c.until(n))
				}
			}
		}
	}
}

// TestCarryCoversEveryPair compares what is handed over with the proof's own
// condition, by trying all windows.
func TestCarryCoversEveryPair(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	draw := func() limiters.Limit {
		period := 1 + rng.Int64N(12)
		return limiters.Limit{Rate: 1 + rng.Int64N(period), Period: time.Duration(period), Burst: 1 + rng.Int64N(9)}
	}
	for range rounds.Of(600) {
		from, to := kinds[rng.IntN(len(kinds))], kinds[rng.IntN(len(kinds))]
		a, b := made(t, from.name, draw()), made(t, to.name, draw())
		x, y := must(curveOf("a", a.Info()))(t), must(curveOf("b", b.Info()))(t)
		if x.aligned && y.aligned && x.per == y.per {
			continue // shares its edges, which bounds know nothing of
		}
		c, g := carried(x, y), time.Duration(rng.IntN(15))
		covered := c.most - c.fast.growth(g)
		for w := range time.Duration(60) {
			for v := range time.Duration(60) {
				need := a.Bound(w) + b.Bound(v) - max(a.Bound(w+g+v), b.Bound(w+g+v))
				if need > max(0, covered) {
					t.Fatalf("%s %+v to %s %+v: %d needed with windows of %v, a gap of %v and %v; want at most %d",
						from.name, a.Info().Limit, to.name, b.Info().Limit, need, w, g, v, covered)
				}
			}
		}
	}
}

// TestCarries states what some switches cost a key that has just used 4 of 10
// tokens: how much it finds at once.
func TestCarries(t *testing.T) {
	ten := limiters.Limit{Rate: 10, Period: time.Second, Burst: 10}
	twenty := limiters.Limit{Rate: 20, Period: time.Second, Burst: 20}
	five := limiters.Limit{Rate: 5, Period: time.Second, Burst: 5}
	for _, tt := range []struct {
		from, to string
		limit    limiters.Limit
		want     int64
	}{
		{"token-bucket", "gcra", ten, 6}, // as if nothing had happened
		{"gcra", "token-bucket", ten, 6},
		{"sliding-window-log", "sliding-window-log", ten, 6},
		{"fixed-window", "fixed-window", ten, 6},
		{"gcra", "gcra", twenty, 16}, // what is used is kept in mind
		{"gcra", "gcra", five, 5},    // five are left, and one more
		{"sliding-window-log", "gcra", ten, 6},
		{"gcra", "sliding-window-log", ten, 6},
		{"gcra", "sliding-window-log", twenty, 6},      // a full bucket may have had its rate as well
		{"sliding-window-counter", "gcra", ten, 5},     // the one more that a counter's bound has
		{"fixed-window", "sliding-window-log", ten, 6}, // twice ten in a moment is what a fixed window may
		{"fixed-window", "gcra", ten, 0},               // and what a bucket may not
	} {
		l := must(newSwitchable(made(t, tt.from, ten)))(t)
		now := 100 * time.Second
		if d, err := l.Allow(context.Background(), now, "k", 4); err != nil || !d.Allowed {
			t.Fatal(d, err)
		}
		if err := l.switchTo(now, made(t, tt.to, tt.limit)); err != nil {
			t.Fatal(err)
		}
		if got := drain(t, l, now, new([]grant)); got != tt.want {
			t.Errorf("%s to %s %+v: %d tokens at once; want %d", tt.from, tt.to, tt.limit, got, tt.want)
		}
	}
}

// TestSwitchIsInvisible: between buckets of one limit nobody can tell whether the
// algorithm was replaced. (Who asks between two tokens loses the part of a token
// that is there: no limiter is charged with parts.)
func TestSwitchIsInvisible(t *testing.T) {
	limit := limiters.Limit{Rate: 1, Period: 100, Burst: 5}
	for s := range uint64(200) {
		rng := rand.New(rand.NewPCG(s, 5))
		calm := made(t, "gcra", limit)
		l := must(newSwitchable(made(t, "gcra", limit)))(t)
		now := time.Duration(0)
		for i := range 100 {
			now += 100 * time.Duration(rng.IntN(3))
			if i == 50 {
				if err := l.switchTo(now, made(t, kinds[s%3].name, limit)); err != nil {
					t.Fatal(err)
				}
			}
			key, n := fmt.Sprint(rng.IntN(2)), 1+rng.Int64N(3)
			want, _ := calm.Allow(context.Background(), now, key, n)
			peeked, _ := l.Peek(context.Background(), now, key, n)
			got, _ := l.Allow(context.Background(), now, key, n)
			if got != want || peeked != want {
				t.Fatalf("seed %d, step %d: %+v, peeked %+v; want %+v", s, i, got, peeked, want)
			}
		}
	}
}

// TestBoundCoversHandover: what may come of the limiters before is in the bound until
// they are let go, also over several switches, and no longer.
func TestBoundCoversHandover(t *testing.T) {
	limits := []limiters.Limit{
		{Rate: 30, Period: time.Second, Burst: 30}, {Rate: 10, Period: time.Second, Burst: 40}, {Rate: 1, Period: time.Second, Burst: 5},
	}
	const now = 100 * time.Second
	first := made(t, "gcra", limits[0])
	l := must(newSwitchable(first))(t)
	were := []inner{first}
	for _, limit := range limits[1:] {
		next := made(t, "gcra", limit)
		if err := l.switchTo(now, next); err != nil {
			t.Fatal(err)
		}
		were = append(were, next)
		for _, w := range []time.Duration{0, time.Second / 4, time.Second, time.Minute} {
			var want int64
			for _, in := range were {
				want = max(want, in.Bound(w))
			}
			if got := l.Bound(w); got != want {
				t.Errorf("after %d switches Bound(%v) is %d; want %d, the most of all that may have granted", len(were)-1, w, got, want)
			}
		}
	}
	drain(t, l, 10*now, new([]grant))
	if got, want := l.Bound(time.Second), were[2].Bound(time.Second); got != want {
		t.Errorf("when the others are let go Bound(1s) is %d; want %d", got, want)
	}
}
