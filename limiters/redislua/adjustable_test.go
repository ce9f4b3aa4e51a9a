package redislua_test

import (
	"context"
	"fmt"
	"math/big"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/fcbench/fcbench/internal/redisproc/redisproctest"
	"github.com/fcbench/fcbench/internal/rounds"
	"github.com/fcbench/fcbench/limiters"
	"github.com/fcbench/fcbench/limiters/redislua"
)

// settable are the buckets whose limit can be changed.
func settable() []kind {
	return slices.DeleteFunc(buckets(), func(k kind) bool {
		return k.name == "redis-leaky-bucket-queue" || k.name == "redis-composite"
	})
}

func setLimit(t *testing.T, l limiters.Limiter, now time.Duration, limit limiters.Limit) {
	t.Helper()
	if _, err := l.(limiters.LimitSetter).SetLimit(t.Context(), now, limit); err != nil {
		t.Fatal(err)
	}
}

// setLimit keeps what the bucket holds, in whole units of the scripts.
func (m *model) setLimit(now time.Duration, limit limiters.Limit) {
	at := max(now.Microseconds(), m.last)
	debt := new(big.Rat).SetInt64(at - m.last)
	debt.Sub(m.debt, debt.Mul(debt, m.perMicro))
	if debt.Sign() < 0 {
		debt.SetInt64(0)
	}
	held := new(big.Rat).Sub(big.NewRat(m.burst, 1), debt)
	*m = *newModel(limit.Config())
	period := new(big.Rat).SetFrac64(int64(limit.Reduced().Period), 1000).Num() // of whole µs
	units := held.Mul(held, new(big.Rat).SetInt(period))
	held = new(big.Rat).SetFrac(new(big.Int).Div(units.Num(), units.Denom()), period)
	if full := big.NewRat(limit.Burst, 1); held.Cmp(full) > 0 {
		held = full
	}
	m.debt.Sub(big.NewRat(limit.Burst, 1), held)
	m.last = at
}

// TestChangesEqualModel: random changes among random requests of a key that is there, and of one
// that nobody has asked before each change.
func TestChangesEqualModel(t *testing.T) {
	client := redisproctest.Connect(t, redisproctest.Start(t), 1)
	var prefix prefixes
	each(t, func(t *testing.T, k kind) {
		for seed := range uint64(rounds.Of(12)) {
			rng := rand.New(rand.NewPCG(seed, 3))
			of := limits()
			b := of[rng.IntN(len(of))]
			l, m, fresh := k.injected(t, client, b, prefix.next()), newModel(b), newModel(b)
			w, limit := &walk{rng: rng}, limiters.Limit{Burst: int64(b.Burst)}
			from := time.Duration(0)
			for step := range 200 {
				if rng.IntN(8) == 0 {
					b = of[rng.IntN(len(of))]
					limit = limiters.Limit{Rate: b.Rate.Count, Period: b.Rate.Per, Burst: int64(b.Burst)}
					from = max(from, w.now.Truncate(time.Microsecond))
					setLimit(t, l, from, limit)
					m.setLimit(from, limit)
					fresh.setLimit(from, limit)
				}
				now, n := w.next(limit.Burst)
				now = max(now, from)
				w.last = allow(t, l, now, "key", n)
				if want := m.step(now, n); w.last != want {
					t.Fatalf("seed %d, step %d under %+v, %d tokens at %v:\n     %+v; want\n     %+v", seed, step, limit, n, now, w.last, want)
				}
				untouched := *fresh
				untouched.debt = new(big.Rat).Set(fresh.debt)
				if got, want := allow(t, l, now, fmt.Sprint("new", step), n), untouched.step(now, n); got != want {
					t.Fatalf("seed %d, step %d under %+v, %d tokens at %v of a new key:\n     %+v; want\n     %+v", seed, step, limit, n, now, got, want)
				}
			}
		}
	}, settable()...)
}

// TestRaisedBurst: what a full bucket could not hold before its burst grew is not there
// afterwards, of a key that was asked for and of a new one.
func TestRaisedBurst(t *testing.T) {
	client := redisproctest.Connect(t, redisproctest.Start(t), 1)
	each(t, func(t *testing.T, k kind) {
		l := k.injected(t, client, bucket(10, time.Second, 10), k.name+":")
		allow(t, l, 0, "key", 1)
		now := 100 * time.Second
		setLimit(t, l, now, limiters.Limit{Rate: 10, Period: time.Second, Burst: 50})
		for _, key := range []string{"key", "new"} {
			if allow(t, l, now, key, 11).Allowed || !allow(t, l, now, key, 10).Allowed {
				t.Errorf("key %s: want the 10 tokens that it had room for, and no more", key)
			}
		}
	}, settable()...)
}

// TestChangedWindowsEqualLocal: windows keep their counts, as they do in this process.
func TestChangedWindowsEqualLocal(t *testing.T) {
	client := redisproctest.Connect(t, redisproctest.Start(t), 1)
	var prefix prefixes
	each(t, func(t *testing.T, k kind) {
		for seed := range uint64(rounds.Of(6)) {
			rng := rand.New(rand.NewPCG(seed, 4))
			b := bucket(7, 3*time.Second, 7)
			l := k.injected(t, client, b, prefix.next())
			same, err := locals()[k.name](b)
			if err != nil {
				t.Fatal(err)
			}
			w, limit := &walk{rng: rng}, limiters.Limit{Rate: 7, Period: 3 * time.Second}
			for step := range 200 {
				if rng.IntN(10) == 0 {
					limit.Rate = 1 + rng.Int64N(15)
					setLimit(t, l, 0, limit)
					setLimit(t, same, 0, limit)
				}
				now, n := w.next(limit.Rate)
				now = now.Truncate(time.Microsecond)
				w.last = allow(t, l, now, "key", n)
				if want := toMicros(allow(t, same, now, "key", n)); w.last != want {
					t.Fatalf("seed %d, step %d under %+v, %d tokens at %v: %+v; want %+v", seed, step, limit, n, now, w.last, want)
				}
			}
		}
	}, windows()...)
}

// TestChangedStateOutlivesItsDebt: a key that would die before its debt is paid at the new rate does not.
func TestChangedStateOutlivesItsDebt(t *testing.T) {
	client := redisproctest.Connect(t, redisproctest.Start(t), 2)
	var prefix prefixes
	each(t, func(t *testing.T, k kind) {
		prefix := prefix.next()
		l, err := k.new(client, redislua.Config{Config: bucket(10, time.Second, 100), Prefix: prefix})
		if err != nil {
			t.Fatal(err)
		}
		allow(t, l, 0, "key", 100) // back in ten seconds
		setLimit(t, l, 0, limiters.Limit{Rate: 1, Period: time.Second, Burst: 100})
		if left := client.PTTL(t.Context(), prefix+"key").Val(); left < 150*time.Second || left > 160*time.Second {
			t.Errorf("the key dies in %v; want it a minute after its debt is paid, in 160 s", left)
		}
		d := allow(t, l, 0, "key", 100)
		if d.Allowed || d.RetryAfter < 90*time.Second || d.RetryAfter > 100*time.Second {
			t.Errorf("%+v; want the debt paid at 1/s", d)
		}
		setLimit(t, l, 0, limiters.Limit{Rate: 1000, Period: time.Second, Burst: 100})
		if d := allow(t, l, 0, "key", 100); d.RetryAfter > 100*time.Millisecond {
			t.Errorf("%+v; want the debt paid at 1000/s", d)
		}
	}, settable()...)
}

// TestChangeWhileDeciding on the server's clock: raising the limit brings nothing, and nothing that was
// spent is forgotten.
func TestChangeWhileDeciding(t *testing.T) {
	const burst, callers = 300, 4
	client := redisproctest.Connect(t, redisproctest.Start(t), callers+1)
	var prefix prefixes
	each(t, func(t *testing.T, k kind) {
		for _, pipelined := range []bool{false, true} {
			l, err := k.new(client, redislua.Config{Config: bucket(1, 24*time.Hour, burst), Prefix: prefix.next(), Pipeline: pipelined})
			if err != nil {
				t.Fatal(err)
			}
			var granted atomic.Int64
			var wg sync.WaitGroup
			for range callers {
				wg.Go(func() {
					for range burst {
						if d, err := l.Allow(context.Background(), 0, "key", 1); err == nil && d.Allowed {
							granted.Add(1)
						} else if err != nil {
							t.Error(err)
							return
						}
					}
				})
			}
			for i := range int64(12) { // more than a script is told of
				setLimit(t, l, 0, limiters.Limit{Rate: 1, Period: 24 * time.Hour, Burst: burst + 1 + i})
			}
			wg.Wait()
			if got := granted.Load(); got != burst {
				t.Errorf("pipelined %v: %d were granted; want the burst of %d", pipelined, got, burst)
			}
		}
	}, settable()...)
}

// TestChangedConcurrency: leases go on under the new limit.
func TestChangedConcurrency(t *testing.T) {
	client := redisproctest.Connect(t, redisproctest.Start(t), 1)
	l := newConcurrency(t, client, 3, time.Hour, injectedTime)
	held := allow(t, l, 0, "key", 3)
	setLimit(t, l, 0, limiters.Limit{Burst: 1})
	if d := allow(t, l, 0, "key", 1); d.Allowed || d.Remaining != 0 {
		t.Errorf("%+v; want 3 of 1 held", d)
	}
	if _, err := l.Release(t.Context(), 0, "key", 3, held.Permit); err != nil {
		t.Error(err)
	}
	setLimit(t, l, 0, limiters.Limit{Burst: 5})
	if d := allow(t, l, 0, "key", 5); !d.Allowed {
		t.Errorf("%+v; want 5 of 5", d)
	}
	if info := l.Info(); info.Limit.Burst != 5 || l.Bound(0) != 5 {
		t.Errorf("%+v, Bound(0) %d; want 5", info.Limit, l.Bound(0))
	}
}

func TestSetLimitProblems(t *testing.T) {
	client := redisproctest.Connect(t, redisproctest.Start(t), 1)
	var prefix prefixes
	each(t, func(t *testing.T, k kind) {
		l, ok := k.injected(t, client, bucket(7, 3*time.Second, 7), prefix.next()).(limiters.LimitSetter)
		if never := k.name == "redis-leaky-bucket-queue" || k.name == "redis-composite"; !ok || never {
			if ok == never {
				t.Errorf("the limit can be changed: %v; want %v", ok, !never)
			}
			return
		}
		bad := map[limiters.Limit]string{{Burst: -1}: "", {Rate: 1 << 62, Period: time.Second}: ""}
		switch {
		case strings.Contains(k.name, "window"):
			bad[limiters.Limit{Rate: 7, Period: time.Second}] = "period is 1s; want 3s"
			bad[limiters.Limit{Rate: 7, Period: 3 * time.Second, Burst: 1}] = "burst is 1; want 0"
		case k.name == "redis-concurrency":
			bad[limiters.Limit{Rate: 7, Period: 3 * time.Second, Burst: 1}] = "rate is 7/3s; want none"
		default:
			bad[limiters.Limit{Rate: 1, Period: time.Second, Burst: 1 << 32}] = "for a script to be exact"
		}
		before := l.(limiters.Described).Info().Limit
		for limit, want := range bad {
			if _, err := l.SetLimit(t.Context(), 0, limit); err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%+v: %v; want %q", limit, err, want)
			}
		}
		if after := l.(limiters.Described).Info().Limit; after != before {
			t.Errorf("after errors the limit is %+v; want %+v", after, before)
		}
	})
}

// TestChangeOfOthersKeys: what is under the prefix and no state is an error, before and after; a state
// under a limit that this client does not know is refused.
func TestChangeOfOthersKeys(t *testing.T) {
	client := redisproctest.Connect(t, redisproctest.Start(t), 1)
	var prefix prefixes
	each(t, func(t *testing.T, k kind) {
		prefix := prefix.next()
		l := k.injected(t, client, bucket(7, 3*time.Second, 7), prefix)
		client.Set(t.Context(), prefix+"theirs", "1:2:3x", 0) // begins like one of each kind
		_, err := l.(limiters.LimitSetter).SetLimit(t.Context(), 0, limiters.Limit{Rate: 1, Period: time.Second, Burst: 3})
		if err == nil || !strings.Contains(err.Error(), "the limit is changed, but not all keys were looked at") {
			t.Errorf("%v; want to be told that the change did not come to its end", err)
		}
		if _, err := l.Allow(t.Context(), 0, "theirs", 1); err == nil || !strings.Contains(err.Error(), "is not the state of") {
			t.Errorf("%v; want what is no state refused", err)
		}
		if d := allow(t, l, 0, "ours", 3); !d.Allowed {
			t.Errorf("%+v; want the new limit in force", d)
		}
		client.Set(t.Context(), prefix+"later", "1:2:3~9", 0)
		if _, err := l.Allow(t.Context(), 0, "later", 1); err == nil || !strings.Contains(err.Error(), "under a limit that is not known: that of change 9") {
			t.Errorf("%v; want a state of a later change refused", err)
		}
	}, settable()...)
}

// TestChangeWithoutAServer changes nothing.
func TestChangeWithoutAServer(t *testing.T) {
	server := redisproctest.Start(t)
	client := redisproctest.Connect(t, server, 1)
	l, err := redislua.NewGCRA(client, redislua.Config{Config: bucket(1, time.Second, 5), Prefix: "run:"})
	if err != nil {
		t.Fatal(err)
	}
	if err := server.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := l.SetLimit(t.Context(), 0, limiters.Limit{Rate: 1, Period: time.Second, Burst: 9}); err == nil {
		t.Error("a limit was changed on a server that is not there")
	}
	if got := l.Info().Limit.Burst; got != 5 {
		t.Errorf("the burst is %d; want 5, as before", got)
	}
}
