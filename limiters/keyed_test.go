package limiters

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

var onePerSecond = Limit{Rate: 1, Period: time.Second, Burst: 1}

func allow(t *testing.T, l Limiter, now time.Duration, key string, n int64) Decision {
	t.Helper()
	d, err := l.Allow(context.Background(), now, key, n)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestOnlyGrantsAreRemembered(t *testing.T) {
	for _, kind := range kinds {
		l := kind.new(t, onePerSecond)
		if _, err := l.(Peeker).Peek(context.Background(), 0, "peeked", 1); err != nil {
			t.Fatal(err)
		}
		allow(t, l, 0, "too much", 2)
		if keys := l.(Reclaimer).Keys(); keys != 0 {
			t.Errorf("%s knows %d keys, none of which was granted anything", kind.name, keys)
		}
		allow(t, l, 0, "granted", 1)
		allow(t, l, 0, "granted", 1)
		if keys := l.(Reclaimer).Keys(); keys != 1 {
			t.Errorf("%s knows %d keys after a grant; want 1", kind.name, keys)
		}
	}
}

// TestReclaim spends a burst, drops the key when it is as good as new, and lets
// somebody come late who read the clock before all that.
func TestReclaim(t *testing.T) {
	for _, kind := range kinds {
		l := kind.new(t, onePerSecond)
		allow(t, l, time.Hour, "key", 1)
		if freed := l.(Reclaimer).Reclaim(time.Hour + time.Second - 1); freed != 0 && kind.name != "fixed-window" {
			t.Errorf("%s reclaimed a key that still owed something", kind.name)
		}
		if freed := l.(Reclaimer).Reclaim(time.Hour + time.Second); freed != 1 {
			t.Errorf("%s reclaimed %d keys; want 1", kind.name, freed)
		}
		if d := allow(t, l, time.Hour, "key", 1); !d.Allowed || d.At < time.Hour+time.Second {
			t.Errorf("%s decided %+v on a key that was reclaimed at 1h0m1s", kind.name, d)
		}
		if d := allow(t, l, time.Hour, "key", 1); d.Allowed {
			t.Errorf("%s granted the burst twice around a reclaim", kind.name)
		}
	}
}

// TestMemoryFollowsLiveKeys sends a million keys past once, 1000 in a second.
func TestMemoryFollowsLiveKeys(t *testing.T) {
	keys := 1_000_000
	if testing.Short() {
		keys = 100_000
	}
	for _, kind := range kinds {
		l, most := kind.new(t, onePerSecond), 0
		for i := range keys {
			allow(t, l, time.Duration(i)*time.Millisecond, fmt.Sprint(i), 1)
			if i%10_000 == 0 {
				most = max(most, l.(Reclaimer).Keys())
			}
		}
		live := int((linger + time.Second) / time.Millisecond)
		if most > 4*live {
			t.Errorf("%s kept up to %d keys; want at most %d, four times those in use", kind.name, most, 4*live)
		}
	}
}

func TestReturningKeysAreKept(t *testing.T) {
	for _, kind := range kinds {
		l := kind.new(t, Limit{Rate: 1, Period: time.Millisecond, Burst: 1})
		for round := range 20 {
			for i := range 1000 {
				allow(t, l, time.Duration(round)*time.Second, fmt.Sprint(i), 1)
			}
			if keys := l.(Reclaimer).Keys(); keys != 1000 {
				t.Errorf("%s knows %d keys out of 1000 that come back each second", kind.name, keys)
			}
		}
	}
}

// TestReclaimWhileDeciding has callers race for a burst that has just come back
// while its key is dropped again and again. A grant on state that was dropped
// would be lost, and the burst be granted twice.
func TestReclaimWhileDeciding(t *testing.T) {
	const callers, rounds, burst = 4, 2000, 3
	for _, kind := range kinds {
		l := kind.new(t, Limit{Rate: burst, Period: time.Second, Burst: burst})
		for round := range rounds {
			now := time.Duration(round) * time.Second
			var sum atomic.Int64
			var wg sync.WaitGroup
			for range callers {
				wg.Go(func() {
					for range burst {
						if d, err := l.Allow(context.Background(), now, "key", 1); err == nil && d.Allowed {
							sum.Add(1)
						}
					}
				})
			}
			l.(Reclaimer).Reclaim(now)
			wg.Wait()
			if sum.Load() != burst {
				t.Fatalf("%s granted %d in round %d; want %d", kind.name, sum.Load(), round, burst)
			}
		}
	}
}

// TestKeyIsCopied looks at the bytes behind the key that is kept.
func TestKeyIsCopied(t *testing.T) {
	l := kinds[0].new(t, onePerSecond).(*TokenBucket)
	request := strings.Repeat("x", 1<<20) + "key"
	allow(t, l, 0, request[1<<20:], 1)
	for i := range l.shards {
		for e := range l.shards[i].table.Load().entries {
			if allocs := testing.AllocsPerRun(1, func() { _ = e.key }); e.key != "key" || allocs != 0 {
				t.Errorf("key is %q; want %q", e.key, "key")
			}
		}
	}
}
