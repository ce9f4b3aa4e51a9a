package limiters

import (
	"context"
	"errors"
	"math/rand/v2"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/fcbench/fcbench/internal/units"
)

func newConcurrency(t *testing.T, limit int64) *Concurrency {
	t.Helper()
	l, err := NewConcurrency(ConcurrencyConfig{units.Count(limit)})
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func giveBack(t *testing.T, l *Concurrency, now time.Duration, n int64, permit uint64) time.Duration {
	t.Helper()
	at, err := l.Release(context.Background(), now, "key", n, permit)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

func TestConcurrencyConfig(t *testing.T) {
	for _, limit := range []units.Count{-1, 0, maxHeld + 1, 1<<63 - 1} {
		_, err := NewConcurrency(ConcurrencyConfig{limit})
		mustSay(t, err, []string{"limit is ", "want 1 to 4294967295"})
	}
	info := newConcurrency(t, maxHeld).Info()
	if (info.Limit != Limit{Burst: maxHeld}) || info.Algorithm != "concurrency" {
		t.Errorf("info is %+v", info)
	}
}

func TestConcurrencyDecides(t *testing.T) {
	l := newConcurrency(t, 5)
	three := allow(t, l, time.Second, "key", 3)
	if want := (Decision{Allowed: true, At: time.Second, Remaining: 2, ResetAfter: Unknown, Permit: three.Permit}); three != want || three.Permit == 0 {
		t.Errorf("3 of 5: %+v; want %+v, with a permit", three, want)
	}
	if d, want := allow(t, l, time.Second, "key", 3), (Decision{At: time.Second, Remaining: 2, RetryAfter: Unknown, ResetAfter: Unknown}); d != want {
		t.Errorf("3 more: %+v; want %+v", d, want)
	}
	if d, want := allow(t, l, 0, "key", 6), (Decision{At: time.Second, Remaining: 2, RetryAfter: Never, ResetAfter: Unknown}); d != want {
		t.Errorf("6 of 5: %+v; want %+v", d, want)
	}
	if d, want := peek(t, l, 0, "key", 2), (Decision{Allowed: true, At: time.Second, ResetAfter: Unknown}); d != want {
		t.Errorf("a peek at 2: %+v; want %+v", d, want)
	}
	if at := giveBack(t, l, 3*time.Second, 3, three.Permit); at != 3*time.Second {
		t.Errorf("given back at %v; want 3s", at)
	}
	if d, want := peek(t, l, 0, "key", 5), (Decision{Allowed: true, At: 3 * time.Second, ResetAfter: Unknown}); d != want {
		t.Errorf("a peek at all 5 once they are back: %+v; want %+v", d, want)
	}
	five := allow(t, l, 2*time.Second, "key", 5)
	if at := giveBack(t, l, time.Second, 5, five.Permit); at != 3*time.Second {
		t.Errorf("given back at %v, before it was granted at %v", at, five.At)
	}
	if l.Reclaim(2*time.Second) != 0 {
		t.Error("a key was dropped as of before its latest release")
	}
	if l.Reclaim(3*time.Second) != 1 {
		t.Error("a key that holds nothing was kept")
	}
}

// holding is a limit on what is held, and plainly right.
type holding struct {
	limit int64
	held  map[uint64]int64
	at    time.Duration
}

func (m *holding) used() (sum int64) {
	for _, n := range m.held {
		sum += n
	}
	return sum
}

// TestConcurrencyAgainstModel takes and gives back at random, also what was
// never taken, what is back already, and in other pieces.
func TestConcurrencyAgainstModel(t *testing.T) {
	for seed := range uint64(20) {
		rng := rand.New(rand.NewPCG(seed, 9))
		limit := 1 + rng.Int64N(1<<rng.IntN(10))
		l, m := newConcurrency(t, limit), holding{limit, map[uint64]int64{}, 0}
		permits := []uint64{0, 1, 1<<64 - 1}
		for range 2000 {
			now := m.at + time.Duration(rng.IntN(5)-2)
			if n := 1 + rng.Int64N(limit+1); rng.IntN(2) == 0 {
				permits = m.mustTake(t, l, now, n, permits)
			} else {
				m.mustGiveBack(t, l, now, permits[rng.IntN(len(permits))], rng.IntN(8) == 0)
			}
		}
	}
}

func (m *holding) mustTake(t *testing.T, l *Concurrency, now time.Duration, n int64, permits []uint64) []uint64 {
	t.Helper()
	d := allow(t, l, now, "key", n)
	free := m.limit - m.used()
	if d.Allowed != (n <= free) || d.At != max(now, m.at) {
		t.Fatalf("%d of %d free came back as %+v at %v, after %v", n, free, d, now, m.at)
	}
	if !d.Allowed {
		return permits
	}
	if _, again := m.held[d.Permit]; again || d.Permit == 0 {
		t.Fatalf("permit %d was issued twice", d.Permit)
	}
	m.held[d.Permit], m.at = n, d.At
	return append(permits, d.Permit)
}

func (m *holding) mustGiveBack(t *testing.T, l *Concurrency, now time.Duration, permit uint64, wrong bool) {
	t.Helper()
	n := m.held[permit]
	if wrong {
		n++
	}
	at, err := l.Release(context.Background(), now, "key", n, permit)
	if valid := m.held[permit] > 0 && !wrong; valid != (err == nil) {
		t.Fatalf("giving back %d on permit %d, which holds %d: %v", n, permit, m.held[permit], err)
	}
	if err != nil {
		return
	}
	if at != max(now, m.at) {
		t.Fatalf("given back at %v; want the later of %v and %v", at, now, m.at)
	}
	delete(m.held, permit)
	m.at = at
}

func TestReleaseOfWhatIsNotHeld(t *testing.T) {
	l := newConcurrency(t, 3)
	ctx := context.Background()
	_, err := l.Release(ctx, 0, "key", 1, 1)
	mustSay(t, err, []string{"under permit 1: permit is not held"})
	permit := allow(t, l, 0, "key", 2).Permit
	_, err = l.Release(ctx, 0, "key", 1, permit)
	mustSay(t, err, []string{"release of 1 of the 2 tokens under permit"})
	mustNotCount(t, err)
	_, err = l.Release(ctx, 0, "other key", 2, permit)
	mustSay(t, err, []string{"permit is not held"})
	mustNotCount(t, err)
	giveBack(t, l, 0, 2, permit)

	// The key is dropped, comes back and takes the same slot.
	if l.Reclaim(0) != 1 {
		t.Fatal("a key that holds nothing was kept")
	}
	fresh := allow(t, l, 0, "key", 2).Permit
	_, err = l.Release(ctx, 0, "key", 2, permit)
	mustSay(t, err, []string{"permit is not held"})
	giveBack(t, l, 0, 2, fresh)
}

// mustNotCount wants the innermost error, by which causes are counted, to be the
// same whatever the numbers are.
func mustNotCount(t *testing.T, err error) {
	t.Helper()
	for next := err; next != nil; next = errors.Unwrap(err) {
		err = next
	}
	if strings.ContainsAny(err.Error(), "0123456789") {
		t.Errorf("the innermost error is %q; want no number in it", err)
	}
}

// TestConcurrentlyNeverMoreHeld has callers take and give back while keys are dropped, and
// each of them tries to give back twice.
func TestConcurrentlyNeverMoreHeld(t *testing.T) {
	const callers, rounds, limit = 4, 3000, 3
	l := newConcurrency(t, limit)
	ctx := context.Background()
	var held, twice, lost atomic.Int64
	var wg sync.WaitGroup
	for range callers {
		wg.Go(func() {
			for i := range rounds {
				d, _ := l.Allow(ctx, time.Duration(i), "key", 1)
				if !d.Allowed {
					continue
				}
				if held.Add(1) > limit {
					t.Error("more was held than the limit")
				}
				runtime.Gosched()
				held.Add(-1)
				if _, err := l.Release(ctx, time.Duration(i), "key", 1, d.Permit); err != nil {
					lost.Add(1)
				}
				if _, err := l.Release(ctx, time.Duration(i), "key", 1, d.Permit); err == nil {
					twice.Add(1)
				}
				if i%10 == 0 {
					l.Reclaim(rounds)
				}
			}
		})
	}
	wg.Wait()
	if twice.Load() > 0 || lost.Load() > 0 {
		t.Errorf("%d were given back twice, and %d not at all", twice.Load(), lost.Load())
	}
	if d := peek(t, l, 0, "key", limit); !d.Allowed {
		t.Errorf("in the end %d of %d are left", d.Remaining, limit)
	}
}

// TestSlotsAreUsedAgain bounds what a key keeps by what it held at once.
func TestSlotsAreUsedAgain(t *testing.T) {
	l := newConcurrency(t, 1000)
	for range 10_000 {
		a, b := allow(t, l, 0, "key", 1).Permit, allow(t, l, 0, "key", 400).Permit
		giveBack(t, l, 0, 1, a)
		giveBack(t, l, 0, 400, b)
	}
	if slots := len(l.keys.now.Load().Get("key", 0, false).state.slots); slots != 2 {
		t.Errorf("a key that held 2 grants at once has %d slots", slots)
	}
	allocations := testing.AllocsPerRun(1000, func() {
		d, _ := l.Allow(context.Background(), 0, "key", 1)
		l.Release(context.Background(), 0, "key", 1, d.Permit)
	})
	if allocations > 0 {
		t.Errorf("taking and giving back made %v allocations", allocations)
	}
}

// TestPermitsOfTheLargestLimit has the fewest bits for the number of the grant.
func TestPermitsOfTheLargestLimit(t *testing.T) {
	l := newConcurrency(t, maxHeld)
	_, g := l.keys.hold("key", 0, 1)
	g.state.latest = 1<<64 - 1
	g.mu.Unlock()
	d := allow(t, l, 0, "key", maxHeld)
	if d.Permit == 0 {
		t.Error("the number of the grant has gone around, and the permit is 0")
	}
	giveBack(t, l, 0, maxHeld, d.Permit)
}

// FuzzConcurrency plays a history of takings and givings back against the model.
func FuzzConcurrency(f *testing.F) {
	f.Add(int64(3), []byte("\x02\x01\x81\x02\x00\x80\x83\x82"))
	f.Add(int64(1), []byte("\x00\x80\x80\x00\x00"))
	f.Fuzz(func(t *testing.T, limit int64, history []byte) {
		if limit < 1 || limit > maxHeld || len(history) > 1000 {
			return
		}
		l, m := newConcurrency(t, limit), holding{limit, map[uint64]int64{}, 0}
		permits := []uint64{0}
		for i, b := range history {
			now := time.Duration(i) * time.Duration(b%3)
			if b < 0x80 {
				permits = m.mustTake(t, l, now, 1+int64(b)*(limit/64), permits)
			} else {
				m.mustGiveBack(t, l, now, permits[int(b&0x7f)%len(permits)], b == 0xff)
			}
		}
	})
}
