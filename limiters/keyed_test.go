package limiters

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
	"unsafe"
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

func peek(t *testing.T, l Peeker, now time.Duration, key string, n int64) Decision {
	t.Helper()
	d, err := l.Peek(context.Background(), now, key, n)
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
		reset := time.Hour + allow(t, l, time.Hour, "key", 1).ResetAfter
		if freed := l.(Reclaimer).Reclaim(reset - 1); freed != 0 {
			t.Errorf("%s reclaimed a key that still owed something", kind.name)
		}
		if freed := l.(Reclaimer).Reclaim(reset); freed != 1 {
			t.Errorf("%s reclaimed %d keys; want 1", kind.name, freed)
		}
		if d := allow(t, l, time.Hour, "key", 1); !d.Allowed || d.At < reset {
			t.Errorf("%s decided %+v on a key that was reclaimed at %v", kind.name, d, reset)
		}
		if d := allow(t, l, time.Hour, "key", 1); d.Allowed {
			t.Errorf("%s granted the burst twice around a reclaim", kind.name)
		}
	}
}

// TestMemoryFollowsLiveKeys sends 20,000 keys past once, 100 in a second.
func TestMemoryFollowsLiveKeys(t *testing.T) {
	const step = 10 * time.Millisecond
	live := int((keptIdle + onePerSecond.Period) / step)
	for _, kind := range kinds {
		l, most := kind.new(t, onePerSecond), 0
		for i := range 20_000 {
			allow(t, l, time.Duration(i)*step, fmt.Sprint(i), 1)
			if i%100 == 0 {
				most = max(most, l.(Reclaimer).Keys())
			}
		}
		if most > 4*live {
			t.Errorf("%s kept up to %d keys; want at most %d, four times those in use", kind.name, most, 4*live)
		}
	}
}

// TestReturningKeysAreKept has 1000 keys take turns, each of them as good as new
// long before its next turn.
func TestReturningKeysAreKept(t *testing.T) {
	for _, kind := range kinds {
		l := kind.new(t, Limit{Rate: 1, Period: time.Millisecond, Burst: 1})
		for i := range 5000 {
			allow(t, l, time.Duration(i)*time.Millisecond, fmt.Sprint(i%1000), 1)
			if keys := l.(Reclaimer).Keys(); keys != min(i+1, 1000) {
				t.Fatalf("%s knows %d keys after turn %d of 1000 that take turns", kind.name, keys, i)
			}
		}
	}
}

func TestRetiredStateIsNotHeld(t *testing.T) {
	k := newGuardedKeys(1, algorithm[tokens](&tokenBucket{bucket{perToken: 1, perNano: 1}}))
	_, old := k.hold("key", 0, 1)
	old.mu.Unlock()
	k.Reclaim(0)
	if !old.retired {
		t.Error("state that was dropped is not marked, and whoever has it goes on with it")
	}
	if _, again := k.hold("key", 0, 1); again == old || again.retired {
		t.Error("state that was dropped is held again")
	}
}

// TestConcurrentReclaim has callers race for a burst that has just come back
// while its key is dropped again and again. A grant on state that was dropped
// would be lost, and the burst be granted twice.
func TestConcurrentReclaim(t *testing.T) {
	const callers, rounds, burst = 4, 1000, 3
	for _, kind := range kinds {
		l := kind.new(t, Limit{Rate: burst, Period: time.Second, Burst: burst})
		for round := range rounds {
			now := time.Duration(2*round) * time.Second // a counter forgets in the second window
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
	key := request[1<<20:]
	allow(t, l, 0, key, 1)
	registry := &l.keys.now.Load().shards
	for i := range registry {
		for e := range registry[i].table.Load().entries {
			if e.key != key || unsafe.StringData(e.key) == unsafe.StringData(key) {
				t.Errorf("the key kept is %q, a piece of the request; want a copy", e.key)
			}
		}
	}
}
