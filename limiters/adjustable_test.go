package limiters

import (
	"context"
	"math/rand/v2"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

func setLimit(tb testing.TB, l Limiter, now time.Duration, limit Limit) {
	tb.Helper()
	if _, err := l.(LimitSetter).SetLimit(context.Background(), now, limit); err != nil {
		tb.Fatal(err)
	}
}

// spend asks for single tokens at now until one is denied, and says how many were granted.
func spend(t *testing.T, l Limiter, now time.Duration, key string) (granted int64) {
	t.Helper()
	for granted < 10_000 && allow(t, l, now, key, 1).Allowed {
		granted++
	}
	return granted
}

// adjustables are the kinds whose limit can be changed.
func adjustables(t *testing.T, window bool, run func(t *testing.T, fresh func(Limit) Limiter)) {
	t.Helper()
	for _, kind := range kinds {
		if kind.name != "leaky-bucket-queue" && kind.window == window {
			t.Run(kind.name, func(t *testing.T) { run(t, func(limit Limit) Limiter { return kind.new(t, limit) }) })
		}
	}
}

// TestBucketKeepsTokens: what is there stays there, as far as it fits, whether or not
// the key is known.
func TestBucketKeepsTokens(t *testing.T) {
	const s = time.Second
	adjustables(t, false, func(t *testing.T, fresh func(Limit) Limiter) {
		l := fresh(Limit{10, s, 10})
		allow(t, l, 0, "half", 5)
		allow(t, l, 0, "all", 10)
		setLimit(t, l, 0, Limit{20, s, 20})
		for key, want := range map[string]int64{"half": 5, "all": 0, "never seen": 10} {
			if got := spend(t, l, 0, key); got != want {
				t.Errorf("%s: %d at the instant at which the limit is raised; want %d", key, got, want)
			}
			if got := spend(t, l, s/2, key); got != 10 {
				t.Errorf("%s: %d half a second later; want 10, at the new rate", key, got)
			}
			if got := spend(t, l, 10*s, key); got != 20 {
				t.Errorf("%s: %d in the end; want the new burst", key, got)
			}
		}
		if got := spend(t, l, s/4, "seen late"); got != 15 {
			t.Errorf("a key that was not seen is granted %d after a quarter of a second; want 10 and what has flowed in", got)
		}
		setLimit(t, l, 20*s, Limit{1, s, 4})
		for key, want := range map[string]int64{"half": 4, "new": 4} {
			if got := spend(t, l, 20*s, key); got != want {
				t.Errorf("%s: %d at the instant at which the limit is lowered; want the new burst, %d", key, got, want)
			}
		}
		if info := l.(Described).Info(); info.Limit != (Limit{1, s, 4}) {
			t.Errorf("info says %+v", info.Limit)
		}
		if got := l.(Described).Bound(s); got != 40 {
			t.Errorf("Bound(1s) is %d; want 40, that of the largest limit so far", got)
		}
	})
}

// TestWindowKeepsCounts, in excess of a lower limit too.
func TestWindowKeepsCounts(t *testing.T) {
	const s = time.Second
	adjustables(t, true, func(t *testing.T, fresh func(Limit) Limiter) {
		l := fresh(Limit{Rate: 10, Period: s})
		allow(t, l, s/10, "eight", 8)
		setLimit(t, l, s/5, Limit{Rate: 5, Period: s})
		if d := allow(t, l, s/5, "eight", 1); d.Allowed || d.Remaining != 0 || d.RetryAfter <= 0 {
			t.Errorf("%+v; want 8 of 5 taken", d)
		}
		if d := allow(t, l, s/5, "eight", 6); d.RetryAfter != Never {
			t.Errorf("%+v; want never more than 5", d)
		}
		if got := spend(t, l, s/5, "other"); got != 5 {
			t.Errorf("%d of another key; want 5", got)
		}
		setLimit(t, l, s/2, Limit{Rate: 12, Period: s})
		if got := spend(t, l, s/2, "eight"); got != 4 {
			t.Errorf("%d are granted beside 8 of 12; want 4", got)
		}
		if got := spend(t, l, 5*s, "eight"); got != 12 {
			t.Errorf("%d in a new window; want 12", got)
		}
	})
}

// TestConcurrencyKeepsWhatIsHeld, under permits that stay good.
func TestConcurrencyKeepsWhatIsHeld(t *testing.T) {
	l := newConcurrency(t, 3)
	first, second := allow(t, l, 0, "key", 2), allow(t, l, 0, "key", 1)
	setLimit(t, l, 0, Limit{Burst: 1})
	if d := allow(t, l, 0, "key", 1); d.Allowed || d.Remaining != 0 {
		t.Errorf("%+v; want 3 of 1 held", d)
	}
	giveBack(t, l, 0, 2, first.Permit)
	if d := allow(t, l, 0, "key", 1); d.Allowed {
		t.Errorf("%+v; want 1 of 1 held", d)
	}
	setLimit(t, l, 0, Limit{Burst: 5})
	if d := allow(t, l, 0, "key", 4); !d.Allowed || d.Permit == first.Permit || d.Permit == second.Permit {
		t.Errorf("%+v; want 4 of 5 granted under a permit of its own", d)
	}
	giveBack(t, l, 0, 1, second.Permit)
}

func TestSetLimitRefuses(t *testing.T) {
	for _, kind := range kinds {
		l, ok := kind.new(t, Limit{10, time.Second, 10}).(LimitSetter)
		if !ok {
			if kind.name != "leaky-bucket-queue" {
				t.Errorf("the limit of %s cannot be changed", kind.name)
			}
			continue
		}
		bad := map[Limit]string{{0, time.Second, 1}: "rate is", {Rate: 1}: "rate is", {2, 1, 1}: "want at most 1/ns"}
		if kind.window {
			bad[Limit{1, time.Minute, 0}] = "period is 1m0s; want 1s"
			bad[Limit{1, time.Second, 1}] = "burst is 1; want 0"
		} else {
			bad[Limit{1, time.Second, 0}] = "burst is 0"
			bad[Limit{1, time.Hour, 1 << 40}] = "want at most"
		}
		for limit, want := range bad {
			if _, err := l.SetLimit(context.Background(), 0, limit); err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%s under %+v: %v; want %q", kind.name, limit, err, want)
			}
		}
		if got := spend(t, l.(Limiter), 0, "key"); got != 10 {
			t.Errorf("%s: %d after errors; want the 10 there were", kind.name, got)
		}
	}
	if _, err := newConcurrency(t, 1).SetLimit(context.Background(), 0, Limit{1, time.Second, 1}); err == nil {
		t.Error("what is held took a rate")
	}
}

// TestChangesAgainstModel plays random requests among random changes.
func TestChangesAgainstModel(t *testing.T) {
	for _, kind := range kinds {
		if kind.name == "leaky-bucket-queue" {
			continue
		}
		for seed := range uint64(150) {
			rng := rand.New(rand.NewPCG(seed, 11))
			limit := changed(rng, Limit{Period: time.Duration(1 + rng.Int64N(1<<rng.IntN(40)))}, kind.window)
			l, m := kind.new(t, limit), modelOf(kind.name, limit)
			from := time.Duration(0) // of a key that was let go nothing is known before
			for i, r := range randomRequests(rng, limit, 120) {
				if rng.IntN(12) == 0 {
					limit = changed(rng, limit, kind.window)
					from = max(from, r.now-time.Duration(rng.IntN(2)*rng.IntN(1e6)))
					setLimit(t, l, from, limit)
					m.setLimit(from, limit)
				}
				if rng.IntN(30) == 0 {
					from = max(from, r.now)
					l.(Reclaimer).Reclaim(from)
				}
				r.now = max(r.now, from)
				got := allow(t, l, r.now, "key", r.n)
				if want := m.allow(r.now, r.n); got != want {
					t.Fatalf("%s, seed %d, under %+v, request %d of %d at %d ns:\n got %+v\nwant %+v", kind.name, seed, limit, i, r.n, r.now, got, want)
				}
			}
		}
	}
}

// changed is another limit, of a window of the same length.
func changed(rng *rand.Rand, limit Limit, window bool) Limit {
	if !window {
		limit.Period = time.Duration(1 + rng.Int64N(1<<rng.IntN(40)))
	}
	limit.Rate = 1 + rng.Int64N(min(int64(limit.Period), 1<<rng.IntN(30)))
	if limit.Burst = 0; !window {
		limit.Burst = 1 + rng.Int64N(min(1<<rng.IntN(20), maxUnits/int64(limit.Period)))
	}
	return limit
}

// TestConcurrentChange: nobody is granted more than there was, however often the limit is
// raised while they ask, and nothing is lost.
func TestConcurrentChange(t *testing.T) {
	const callers, burst = 4, 500
	adjustables(t, false, func(t *testing.T, fresh func(Limit) Limiter) {
		for round := range time.Duration(20) {
			l, now := fresh(Limit{10, time.Second, burst}), round*time.Hour
			granted := map[string]*atomic.Int64{"a": {}, "b": {}, "c": {}}
			var wg sync.WaitGroup
			for range callers {
				wg.Go(func() {
					for range burst {
						for key, sum := range granted {
							if d, err := l.Allow(context.Background(), now, key, 1); err == nil && d.Allowed {
								sum.Add(1)
							}
						}
					}
				})
			}
			for i := range int64(30) {
				setLimit(t, l, now, Limit{10, time.Second, burst + 1 + i})
			}
			wg.Wait()
			for key, sum := range granted {
				if sum.Load() != burst {
					t.Fatalf("%s was granted %d while the clock stood still; want %d", key, sum.Load(), burst)
				}
			}
		}
	})
}

// TestConcurrentChangeIsOver once SetLimit has returned, whoever was asking meanwhile.
func TestConcurrentChangeIsOver(t *testing.T) {
	adjustables(t, true, func(t *testing.T, fresh func(Limit) Limiter) {
		for range 20 {
			l := fresh(Limit{Rate: 1 << 30, Period: time.Hour})
			var stop, lowered atomic.Bool
			var after atomic.Int64
			var wg sync.WaitGroup
			for range 3 {
				wg.Go(func() {
					for !stop.Load() {
						late := lowered.Load()
						if d, err := l.Allow(context.Background(), 0, "key", 1); err == nil && d.Allowed && late {
							after.Add(1)
						}
					}
				})
			}
			for l.(Reclaimer).Keys() == 0 { // until they have begun
				runtime.Gosched()
			}
			setLimit(t, l, 0, Limit{Rate: 1, Period: time.Hour})
			lowered.Store(true)
			for range 1000 {
				allow(t, l, 0, "other", 1)
			}
			stop.Store(true)
			wg.Wait()
			if after.Load() > 1 {
				t.Fatalf("%d were granted after the limit of 1 was in force", after.Load())
			}
		}
	})
}

// TestLoweredByFar: what a full bucket held is many times what fits into the next one,
// and more than 63 bits of its units; it is full, at that instant and after it.
func TestLoweredByFar(t *testing.T) {
	const s = time.Second
	adjustables(t, false, func(t *testing.T, fresh func(Limit) Limiter) {
		for _, after := range []time.Duration{0, 1, s} {
			l := fresh(Limit{1, 1, 1 << 40})
			allow(t, l, s, "known", 1)
			setLimit(t, l, s, Limit{1, 24 * time.Hour, 2})
			for _, key := range []string{"known", "never seen"} {
				if got := spend(t, l, s+after, key); got != 2 {
					t.Errorf("%s: %d granted %v after the limit was lowered; want 2, the new burst", key, got, after)
				}
			}
		}
	})
}
