package limiters

import (
	"context"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// TestCircle goes around the circle of units many times: at this rate it is
// 9.2 s long, and the bucket takes 4 s of it.
func TestCircle(t *testing.T) {
	limit := Limit{Rate: 999_999_937, Period: time.Second, Burst: 4_000_000_000}
	rng := rand.New(rand.NewPCG(5, 5))
	for _, longest := range []time.Duration{time.Second, 5 * time.Second, 20 * time.Second, time.Hour} {
		requests := make([]request, 400)
		now := time.Duration(0)
		for i := range requests {
			now += time.Duration(rng.Int64N(int64(longest)))
			requests[i] = request{now, 1 + rng.Int64N(limit.Burst)}
		}
		mustAgree(t, "gcra", kinds[3].new(t, limit), limit, requests)
	}
}

// TestRaisedButNotMoved stops a caller between raising seen and moving tat, the
// one moment at which the two do not belong together.
func TestRaisedButNotMoved(t *testing.T) {
	l, err := NewGCRA(bucketConfig(Limit{Rate: 10, Period: time.Second, Burst: 3}))
	if err != nil {
		t.Fatal(err)
	}
	allow(t, l, 0, "key", 3)
	s := l.now.Load().keys.Get("key", 0, true)
	s.raise(0, 5*time.Second)
	d := allow(t, l, time.Second, "key", 3)
	if !d.Allowed || d.At != 5*time.Second {
		t.Errorf("decided %+v; want 3 granted at 5s", d)
	}
	if s.raise(0, time.Second); s.seen.Load() != int64(5*time.Second) {
		t.Errorf("seen is %v; want 5s, since it never goes back", time.Duration(s.seen.Load()))
	}
}

// TestConcurrentOvertakenIsNoGrant: who found that another was granted something meanwhile, and
// so could not take what it had seen, was granted nothing by that. Callers at once ask
// one key, at one instant, for more than there is, until some of them have got in one
// another's way.
func TestConcurrentOvertakenIsNoGrant(t *testing.T) {
	const callers, asks, burst, patience = 4, 20_000, 60_000, 100
	for range patience {
		l, err := NewGCRA(bucketConfig(Limit{Rate: 1, Period: time.Hour, Burst: burst}))
		if err != nil {
			t.Fatal(err)
		}
		var granted, overtaken atomic.Int64
		var all sync.WaitGroup
		for range callers {
			all.Go(func() {
				for range asks {
					var d Decision
					retries, _ := l.decide(&d, 0, "key", 1, true)
					if overtaken.Add(int64(retries)); d.Allowed {
						granted.Add(1)
					}
				}
			})
		}
		if all.Wait(); granted.Load() != burst {
			t.Fatalf("%d were granted, of whom %d had been overtaken; want the burst of %d", granted.Load(), overtaken.Load(), burst)
		}
		if overtaken.Load() > 0 {
			return
		}
	}
	t.Errorf("nobody was overtaken in %d rounds of %d requests; want some", patience, callers*asks)
}

// TestRetired asks on with state that was dropped in the meantime.
func TestRetired(t *testing.T) {
	l, err := NewGCRA(bucketConfig(onePerSecond))
	if err != nil {
		t.Fatal(err)
	}
	allow(t, l, 0, "key", 1)
	old := l.now.Load().keys.Get("key", 0, true)
	l.Reclaim(time.Minute)
	if old.tat.Load() != retired {
		t.Error("the dropped state is not marked")
	}
	for _, ask := range []func(context.Context, time.Duration, string, int64) (Decision, error){l.Peek, l.Allow} {
		if d, err := ask(context.Background(), time.Minute, "key", 1); err != nil || !d.Allowed {
			t.Errorf("after the drop: %+v, %v; want allowed", d, err)
		}
	}
}

// TestGCRAIsSmall bounds what a key costs beyond its own bytes, where tables are
// at their emptiest and fullest, and what is left of it when it is dropped.
func TestGCRAIsSmall(t *testing.T) {
	for _, keys := range []int{12_500, 16_250, 22_500} {
		l, before := kinds[3].new(t, onePerSecond), heapInUse()
		if loaded := bytesPerKey(l, keys); loaded > 64 {
			t.Errorf("each of %d keys takes %.1f B; want at most 64", keys, loaded)
		}
		l.(Reclaimer).Reclaim(time.Hour)
		if left := perKey(l, before, keys); left > 2 {
			t.Errorf("of each of %d keys %.1f B are left; want no more than the empty tables", keys, left)
		}
	}
}
