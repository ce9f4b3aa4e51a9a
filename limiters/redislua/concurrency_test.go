package redislua_test

import (
	"errors"
	"math/rand/v2"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/fcbench/fcbench/internal/redisproc/redisproctest"
	"github.com/fcbench/fcbench/internal/units"
	"github.com/fcbench/fcbench/limiters"
	"github.com/fcbench/fcbench/limiters/redislua"
	"github.com/redis/go-redis/v9"
)

func newConcurrency(t testing.TB, client redis.UniversalClient, limit int64, lease time.Duration, setup redislua.ConcurrencyConfig) *redislua.Concurrency {
	t.Helper()
	setup.Config = redislua.ConcurrencyLimit{Limit: units.Count(limit), Lease: units.Duration(lease)}
	if setup.Prefix == "" {
		setup.Prefix = "run:"
	}
	l, err := redislua.NewConcurrency(client, setup)
	if err != nil {
		t.Fatal(err)
	}
	if err := l.Open(t.Context()); err != nil {
		t.Fatal(err)
	}
	return l
}

var injectedTime = redislua.ConcurrencyConfig{InjectTime: true}

// leases is a limit on what is held at once, in a map.
type leases struct {
	limit int64
	term  time.Duration
	held  map[uint64]held
	last  time.Duration
}

type held struct {
	n    int64
	ends time.Duration
}

func (m *leases) used(at time.Duration) (sum int64) {
	for _, h := range m.held {
		if h.ends > at {
			sum += h.n
		}
	}
	return sum
}

// allow decides; a lease's number is up to the limiter, as long as it is new.
func (m *leases) allow(t *testing.T, now time.Duration, n int64, number uint64) limiters.Decision {
	d := limiters.Decision{At: max(now, m.last), ResetAfter: limiters.Unknown}
	switch used := m.used(d.At); {
	case n > m.limit:
		d.RetryAfter = limiters.Never
	case used+n > m.limit:
		d.RetryAfter = limiters.Unknown
	default:
		if _, known := m.held[number]; known || number == 0 {
			t.Errorf("lease %d is granted twice", number)
		}
		d.Allowed, d.Permit, m.last = true, number, d.At
		m.held[number] = held{n, d.At + m.term}
	}
	used := m.used(d.At)
	if d.Remaining = m.limit - used; used == 0 {
		d.ResetAfter = 0
	}
	return d
}

func (m *leases) release(now time.Duration, n int64, number uint64) (at time.Duration, ok bool) {
	at = max(now, m.last)
	if h, known := m.held[number]; !known || h.n != n || h.ends <= at {
		return 0, false
	}
	m.held[number], m.last = held{}, at // a number that was given back is known, and holds nothing
	return at, true
}

func TestConcurrencyEqualsModel(t *testing.T) {
	concurrencyEqualsModel(t, redisproctest.Connect(t, redisproctest.Start(t), 1), 4_000)
}

func concurrencyEqualsModel(t *testing.T, client redis.UniversalClient, steps int) {
	const limit, term = 10, time.Second
	l := newConcurrency(t, client, limit, term, injectedTime)
	m := &leases{limit: limit, term: term, held: map[uint64]held{}}
	rng := rand.New(rand.NewPCG(3, 3))
	now, numbers := time.Duration(0), []uint64{0}
	ended := 0
	for step := range steps {
		now = max(0, now+time.Duration(rng.Int64N(200)-20)*time.Millisecond*time.Duration(rng.IntN(2)))
		n := 1 + rng.Int64N(4)
		if rng.IntN(50) == 0 {
			n = limit + 1
		}
		if rng.IntN(3) > 0 {
			got := allow(t, l, now, "key", n)
			if want := m.allow(t, now, n, got.Permit); got != want {
				t.Fatalf("step %d: %d at %v: %+v; want %+v", step, n, now, got, want)
			}
			if got.Allowed {
				numbers = append(numbers, got.Permit)
			}
			continue
		}
		number := numbers[len(numbers)-1-rng.IntN(min(len(numbers), 4))]
		if h := m.held[number]; h.n > 0 && rng.IntN(8) > 0 {
			n = h.n
		}
		want, ok := m.release(now, n, number)
		at, err := l.Release(t.Context(), now, "key", n, number)
		if ok != (err == nil) || at != want {
			t.Fatalf("step %d: release of %d under %d at %v: %v, %v; want %v, %v", step, n, number, now, at, err, want, ok)
		}
		if !ok {
			ended++
		}
	}
	if ended < steps/20 || ended > steps/3*3/4 {
		t.Errorf("%d of %d releases came to nothing; want a mixture", ended, steps/3)
	}
}

// TestDoubleRelease gives back twice, in a key's life and after it.
func TestDoubleRelease(t *testing.T) {
	client := redisproctest.Connect(t, redisproctest.Start(t), 1)
	l := newConcurrency(t, client, 2, 20*time.Millisecond, redislua.ConcurrencyConfig{})
	first := allow(t, l, 0, "key", 1)
	if _, err := l.Release(t.Context(), 0, "key", 1, first.Permit); err != nil {
		t.Fatal(err)
	}
	again := func(when string) {
		second := allow(t, l, 0, "key", 2)
		if !second.Allowed || second.Permit <= first.Permit {
			t.Fatalf("%s: %+v; want both, under a number above %d", when, second, first.Permit)
		}
		_, err := l.Release(t.Context(), 0, "key", 1, first.Permit)
		if err == nil || !strings.Contains(err.Error(), "is not held") {
			t.Errorf("%s a second release: %v; want an error", when, err)
		}
		if d := allow(t, l, 0, "key", 1); d.Allowed {
			t.Errorf("%s a second release made room: %+v", when, d)
		}
	}
	again("at once")
	for client.Exists(t.Context(), "run:key").Val() == 1 { // its lease ends, and with it the key
	}
	again("after the key has gone")
}

// TestHeldAtOnce has many callers take and give back, some of them for ever.
func TestHeldAtOnce(t *testing.T) {
	const callers, calls, limit = 16, 100, 5
	client := redisproctest.Connect(t, redisproctest.Start(t), callers)
	for name, pipelined := range map[string]bool{"direct": false, "pipeline": true} {
		l := newConcurrency(t, client, limit, time.Minute, redislua.ConcurrencyConfig{Prefix: name + ":", Pipeline: pipelined})
		if err := client.ScriptFlush(t.Context()).Err(); err != nil {
			t.Fatal(err)
		}
		var held, most, granted atomic.Int64
		var wg sync.WaitGroup
		for range callers {
			wg.Go(func() {
				for range calls {
					d, err := l.Allow(t.Context(), 0, "key", 1)
					if err != nil {
						t.Error(err)
					}
					if !d.Allowed {
						continue
					}
					granted.Add(1)
					for now := held.Add(1); ; {
						if seen := most.Load(); now <= seen || most.CompareAndSwap(seen, now) {
							break
						}
					}
					held.Add(-1)
					if _, err := l.Release(t.Context(), 0, "key", 1, d.Permit); err != nil {
						t.Error(err)
					}
				}
			})
		}
		wg.Wait()
		if got := most.Load(); got > limit || granted.Load() < calls {
			t.Errorf("%s: %d were held at once, %d in all; want at most %d", name, got, granted.Load(), limit)
		}
		if d := allow(t, l, 0, "key", limit); !d.Allowed {
			t.Errorf("%s: all was given back, and %+v", name, d)
		}
	}
}

func TestReleaseProblems(t *testing.T) {
	client := redisproctest.Connect(t, redisproctest.Start(t), 1)
	l := newConcurrency(t, client, 2, time.Minute, injectedTime)
	permit := allow(t, l, 5*time.Second, "key", 2).Permit
	for _, tt := range []struct {
		key    string
		n      int64
		permit uint64
		want   string
	}{
		{"key", 0, permit, "cost is 0"},
		{"key", 1, permit, "is not held"},
		{"key", 2, permit + 1, "is not held"},
		{"other", 2, permit, "is not held"},
		{"key", 2, 1<<64 - 1, "is not held"},
	} {
		if _, err := l.Release(t.Context(), 0, tt.key, tt.n, tt.permit); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%+v: %v; want %q", tt, err, tt.want)
		}
	}
	first := innermost(l.Release(t.Context(), 0, "key", 1, permit+1))
	if second := innermost(l.Release(t.Context(), 0, "key", 2, permit+2)); first != second {
		t.Errorf("the innermost errors are %q and %q; want the same, for causes are counted by it", first, second)
	}
	ends := 5*time.Second + time.Minute
	if _, err := l.Release(t.Context(), ends, "key", 2, permit); err == nil || !strings.Contains(err.Error(), "has ended") {
		t.Errorf("a release as the lease ends: %v; want an error", err)
	}
	client.Set(t.Context(), "run:string", "x", 0)
	if _, err := l.Release(t.Context(), 0, "string", 1, permit); err == nil || !strings.Contains(err.Error(), "WRONGTYPE") {
		t.Errorf("a release from a string: %v; want WRONGTYPE", err)
	}
	if at, err := l.Release(t.Context(), time.Second, "key", 2, permit); err != nil || at != 5*time.Second {
		t.Errorf("the release came to %v, %v; want it at the latest grant, 5s", at, err)
	}
}

// innermost is what the error of a release wraps in the end.
func innermost(_ time.Duration, err error) (text string) {
	for ; err != nil; err = errors.Unwrap(err) {
		text = err.Error()
	}
	return text
}

func TestConcurrencyProblems(t *testing.T) {
	_, err := redislua.NewConcurrency(nil, redislua.ConcurrencyConfig{})
	for _, want := range []string{"limit is 0; want 1 to", "lease is 0s; want 1µs to", "key prefix"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("an empty setup: %v; want %q", err, want)
		}
	}
}
