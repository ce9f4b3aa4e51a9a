package redislua_test

import (
	"math/big"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/fcbench/fcbench/internal/redisproc"
	"github.com/fcbench/fcbench/internal/redisproc/redisproctest"
	"github.com/fcbench/fcbench/internal/rounds"
	"github.com/fcbench/fcbench/limiters"
)

// model is a bucket in rationals, sharing nothing with the scripts but the
// contract: time in whole µs, and none before the latest grant.
type model struct {
	perMicro *big.Rat // tokens
	burst    int64
	debt     *big.Rat // tokens owed after the latest grant
	last     int64    // µs of that grant
	queue    bool     // what is granted waits until the debt before it is paid
}

// modelOf returns what l, a bucket, must do.
func modelOf(l limiter, c limiters.Config) *model {
	m := newModel(c)
	m.queue = l.Info().Shaper
	return m
}

func newModel(c limiters.Config) *model {
	perMicro := new(big.Rat).SetFrac64(c.Rate.Count, int64(c.Rate.Per))
	perMicro.Mul(perMicro, big.NewRat(1000, 1))
	return &model{perMicro: perMicro, burst: int64(c.Burst), debt: new(big.Rat)}
}

// micros returns how many whole µs it takes for tokens to flow in.
func (m *model) micros(tokens *big.Rat) time.Duration {
	q := new(big.Rat).Quo(tokens, m.perMicro)
	up := new(big.Int).Add(q.Num(), q.Denom())
	up.Sub(up, big.NewInt(1)).Div(up, q.Denom())
	return time.Duration(up.Int64()) * time.Microsecond
}

func (m *model) step(now time.Duration, n int64) limiters.Decision {
	at := max(now.Microseconds(), m.last)
	debt := new(big.Rat).SetInt64(at - m.last)
	debt.Sub(m.debt, debt.Mul(debt, m.perMicro))
	if debt.Sign() < 0 {
		debt.SetInt64(0)
	}
	excess := new(big.Rat).Add(debt, big.NewRat(n-m.burst, 1)) // what n tokens are over the burst
	d := limiters.Decision{At: time.Duration(at) * time.Microsecond}
	switch {
	case n > m.burst:
		d.RetryAfter = limiters.Never
	case excess.Sign() > 0:
		d.RetryAfter = m.micros(excess)
	default:
		d.Allowed = true
		if m.queue {
			d.Delay = m.micros(debt)
		}
		debt.Add(debt, big.NewRat(n, 1))
		m.debt, m.last = debt, at
	}
	room := new(big.Rat).Sub(big.NewRat(m.burst, 1), debt)
	d.Remaining = new(big.Int).Div(room.Num(), room.Denom()).Int64()
	d.ResetAfter = m.micros(debt)
	return d
}

// limits are buckets whose arithmetic is easy to get wrong.
func limits() []limiters.Config {
	const day = 24 * time.Hour
	return []limiters.Config{
		bucket(100, time.Second, 20),
		bucket(3_000_000, time.Second, 1), // several per µs
		bucket(3_000_000, time.Second, 50),
		bucket(7, 3*time.Second, 10), // no whole µs per token
		bucket(999_983, time.Second, 3),
		bucket(3, 7*time.Nanosecond, 1000), // a period below a µs
		bucket(1, day, 5),
		bucket(1_000_003, 7*day, 1_000),
		bucket(999_983, time.Second, 1<<51/1_000_000), // the largest burst
		bucket(4_398_046_511, time.Minute, 1_000),     // a rate with many digits
	}
}

// windowLimits are bursts that are whole windows.
func windowLimits() []limiters.Config {
	const day = 24 * time.Hour
	return []limiters.Config{
		bucket(100, time.Second, 20),
		bucket(7, 3*time.Second, 7),
		bucket(1, time.Second, 1),
		bucket(1000, time.Microsecond, 1000), // as many as there can be
		bucket(3, 7*time.Microsecond, 3),     // no whole µs per token
		bucket(1, day, 5),
		bucket(651, 40*day, 651), // the heaviest weights
	}
}

// walk yields random instants and costs around what matters to a bucket: the
// instant of the latest decision, the end of its wait, its being full, and the past.
type walk struct {
	rng  *rand.Rand
	now  time.Duration
	last limiters.Decision
}

func (w *walk) next(burst int64) (time.Duration, int64) {
	n := 1 + w.rng.Int64N(min(burst, 4))
	switch w.rng.IntN(8) {
	case 0:
		n = 1 + w.rng.Int64N(burst)
	case 1:
		n = burst - w.rng.Int64N(2) + w.rng.Int64N(3)
	}
	reset := max(0, w.last.ResetAfter) // it may be unknown
	switch w.rng.IntN(10) {
	case 0:
		w.now += time.Duration(w.rng.Int64N(int64(reset + 1)))
	case 1:
		w.now += reset - time.Microsecond + time.Duration(w.rng.Int64N(3))*time.Microsecond
	case 2, 3, 4:
		if w.last.RetryAfter != limiters.Never {
			w.now += w.last.RetryAfter - time.Duration(w.rng.IntN(2))*time.Microsecond
		}
	case 5:
		w.now -= time.Duration(w.rng.Int64N(int64(reset/4 + 1)))
	case 6:
		w.now += time.Duration(w.rng.Int64N(5_000)) // ns: decisions are to the µs
	}
	return max(w.now, 0), max(n, 1)
}

func TestEqualsModel(t *testing.T) {
	steps := rounds.Of(1_000)
	client := redisproctest.Connect(t, redisproctest.Start(t), 1)
	var prefix prefixes
	each(t, func(t *testing.T, k kind) {
		for i, b := range limits() {
			l := k.injected(t, client, b, prefix.next())
			m := modelOf(l, b)
			w := &walk{rng: rand.New(rand.NewPCG(uint64(i), 1))}
			allowed := 0
			for step := range steps {
				now, n := w.next(int64(b.Burst))
				w.last = allow(t, l, now, "key", n)
				if want := m.step(now, n); w.last != want {
					t.Fatalf("%d/%v burst %d, step %d, %d tokens at %v: %+v; want %+v",
						b.Rate.Count, b.Rate.Per, b.Burst, step, n, now, w.last, want)
				}
				if w.last.Allowed {
					allowed++
				}
			}
			if allowed < steps/20 || allowed > steps*19/20 {
				t.Errorf("%d/%v burst %d: %d of %d steps allowed; want a mixture", b.Rate.Count, b.Rate.Per, b.Burst, allowed, steps)
			}
		}
	}, buckets()...)
}

// TestRetryAfter asks, in random states, one µs before and at the end of the wait.
func TestRetryAfter(t *testing.T) {
	states := rounds.Of(3_000)
	client := redisproctest.Connect(t, redisproctest.Start(t), 1)
	var prefix prefixes
	each(t, func(t *testing.T, k kind) {
		seen, bs := 0, k.limits()
		rng := rand.New(rand.NewPCG(7, 7))
		l := make([]limiters.Limiter, len(bs))
		w := make([]*walk, len(bs))
		for i, b := range bs {
			l[i], w[i] = k.injected(t, client, b, prefix.next()), &walk{rng: rng}
		}
		for i := 0; seen < states; i = (i + 1) % len(bs) {
			now, n := w[i].next(int64(bs[i].Burst))
			d := allow(t, l[i], now, "key", n)
			w[i].last = d
			if d.Allowed || d.RetryAfter == limiters.Never {
				continue
			}
			seen++
			due := d.At + d.RetryAfter
			if early := allow(t, l[i], due-time.Microsecond, "key", n); early.Allowed {
				t.Fatalf("%v: %d tokens are granted 1 µs before RetryAfter %v is over", bs[i], n, d.RetryAfter)
			}
			if retry := allow(t, l[i], due, "key", n); !retry.Allowed {
				t.Fatalf("%v: %d tokens are denied after RetryAfter %v", bs[i], n, d.RetryAfter)
			}
			w[i].now = due
		}
	}, append(buckets(), windows()...)...)
}

// TestEmbeddedRedisDecidesAlike runs the scripts in the Redis that is there when
// there is no other.
func TestEmbeddedRedisDecidesAlike(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	s, err := redisproc.Start(t.Context(), redisproc.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	client := redisproctest.Connect(t, s, 1)
	each(t, func(t *testing.T, k kind) {
		switch k.name {
		case "redis-composite":
			compositeEqualsModels(t, client, rounds.Of(100))
		case "redis-concurrency":
			concurrencyEqualsModel(t, client, rounds.Of(1_000))
		default:
			equalsLocal(t, client, k, 100)
		}
	})
}
