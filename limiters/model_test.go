package limiters

import (
	"context"
	"math/big"
	"math/rand/v2"
	"testing"
	"time"
)

// A model is a limiter of one key that is slow and plainly right.
type model interface {
	allow(now time.Duration, n int64) Decision
	setLimit(now time.Duration, limit Limit)
}

// bucketModel is a token bucket of rational numbers.
type bucketModel struct {
	rate, burst, there *big.Rat // rate per nanosecond
	at                 time.Duration
	queue              bool // what is granted waits for as long as the bucket would take to be full
}

func newBucketModel(limit Limit) *bucketModel {
	return &bucketModel{
		rate: big.NewRat(limit.Rate, int64(limit.Period)), burst: integer(limit.Burst), there: integer(limit.Burst),
	}
}

// setLimit keeps what is there, as far as it fits, in whole units of the new rate.
func (m *bucketModel) setLimit(now time.Duration, limit Limit) {
	m.fill(max(now, m.at))
	next := newBucketModel(limit)
	m.rate, m.burst = next.rate, next.burst
	units := new(big.Rat).Mul(m.there, integer(int64(limit.Reduced().Period)))
	m.there.SetFrac(new(big.Int).Div(units.Num(), units.Denom()), big.NewInt(int64(limit.Reduced().Period)))
	m.clip()
}

func (m *bucketModel) fill(at time.Duration) {
	m.there.Add(m.there, new(big.Rat).Mul(m.rate, integer(int64(at-m.at))))
	m.at = at
	m.clip()
}

func (m *bucketModel) clip() {
	if m.there.Cmp(m.burst) > 0 {
		m.there.Set(m.burst)
	}
}

func integer(n int64) *big.Rat { return new(big.Rat).SetInt64(n) }

func (m *bucketModel) allow(now time.Duration, n int64) Decision {
	at := max(now, m.at)
	there := new(big.Rat).Mul(m.rate, integer(int64(at-m.at)))
	there.Add(there, m.there)
	if there.Cmp(m.burst) > 0 {
		there.Set(m.burst)
	}
	d := Decision{At: at}
	short := new(big.Rat).Sub(integer(n), there)
	switch {
	case m.burst.Cmp(integer(n)) < 0:
		d.RetryAfter = Never
	case short.Sign() > 0:
		d.RetryAfter = m.wait(short)
	default:
		d.Allowed = true
		if m.queue {
			d.Delay = m.wait(new(big.Rat).Sub(m.burst, there))
		}
		there.Neg(short)
		m.there, m.at = there, at
	}
	d.Remaining = new(big.Int).Div(there.Num(), there.Denom()).Int64()
	d.ResetAfter = m.wait(new(big.Rat).Sub(m.burst, there))
	return d
}

// wait returns how long tokens take to flow in, rounded up.
func (m *bucketModel) wait(tokens *big.Rat) time.Duration {
	nanos := new(big.Rat).Quo(tokens, m.rate)
	up, rest := new(big.Int).DivMod(nanos.Num(), nanos.Denom(), new(big.Int))
	if rest.Sign() > 0 {
		up.Add(up, big.NewInt(1))
	}
	return time.Duration(up.Int64())
}

// windowModel remembers every grant there ever was. live says which still count.
type windowModel struct {
	limit  Limit
	live   func(grant, at time.Duration) bool
	grants []request
	at     time.Duration
}

type request struct {
	now time.Duration
	n   int64
}

func newFixedModel(limit Limit) model {
	return &windowModel{limit: limit, live: func(grant, at time.Duration) bool {
		return grant/limit.Period == at/limit.Period
	}}
}

func newLogModel(limit Limit) model {
	return &windowModel{limit: limit, live: func(grant, at time.Duration) bool {
		return at-grant < limit.Period
	}}
}

func (m *windowModel) allow(now time.Duration, n int64) Decision {
	d := Decision{At: max(now, m.at)}
	if n <= m.limit.Rate-m.used(d.At) {
		d.Allowed = true
		m.at = d.At
		m.grants = append(m.grants, request{d.At, n})
	} else {
		d.RetryAfter = m.until(d.At, n)
	}
	d.Remaining = max(0, m.limit.Rate-m.used(d.At))
	d.ResetAfter = m.until(d.At, m.limit.Rate)
	return d
}

func (m *windowModel) setLimit(_ time.Duration, limit Limit) { m.limit = limit }

func (m *windowModel) used(at time.Duration) (sum int64) {
	for _, g := range m.grants {
		if m.live(g.now, at) {
			sum += g.n
		}
	}
	return sum
}

// until returns how long from at until n fit, by trying each instant at which
// a grant can cease to count.
func (m *windowModel) until(at time.Duration, n int64) time.Duration {
	if n > m.limit.Rate {
		return Never
	}
	instants := []time.Duration{at, at - at%m.limit.Period + m.limit.Period}
	best := Never
	for _, g := range m.grants {
		instants = append(instants, g.now+m.limit.Period)
	}
	for _, t := range instants {
		if t >= at && m.limit.Rate-m.used(t) >= n {
			best = min(best, t-at)
		}
	}
	return best
}

// modelOf returns the model of a kind, by the algorithm it claims.
func modelOf(kind string, limit Limit) model {
	switch kind {
	case "fixed-window":
		return newFixedModel(limit)
	case "sliding-window-log":
		return newLogModel(limit)
	case "sliding-window-counter":
		return newCounterModel(limit)
	}
	m := newBucketModel(limit)
	m.queue = kind == "leaky-bucket-queue"
	return m
}

// mustAgree compares every field of every decision with the model's.
func mustAgree(tb testing.TB, kind string, l Limiter, limit Limit, requests []request) {
	tb.Helper()
	m := modelOf(kind, limit)
	for i, r := range requests {
		got, err := l.Allow(context.Background(), r.now, "key", r.n)
		if err != nil {
			tb.Fatal(err)
		}
		if want := m.allow(r.now, r.n); got != want {
			tb.Fatalf("%s, %+v, request %d of %d at %d ns:\n got %+v\nwant %+v", kind, limit, i, r.n, r.now, got, want)
		}
	}
}

// randomRequests are about an interval apart on average, mostly in order.
func randomRequests(rng *rand.Rand, limit Limit, steps int) []request {
	interval := int64(limit.Period)/limit.Rate + 1
	capacity := max(limit.Burst, 1)
	if limit.Burst == 0 {
		capacity = limit.Rate
	}
	requests := make([]request, steps)
	now := time.Duration(0)
	for i := range requests {
		now += gap(rng, interval, capacity)
		n := int64(1)
		if rng.IntN(4) == 0 {
			n += rng.Int64N(capacity + 1) // at times more than there can be
		}
		requests[i] = request{now, n}
		if rng.IntN(8) == 0 {
			requests[i].now -= time.Duration(rng.Int64N(4 * interval)) // before 0 too
		}
	}
	return requests
}

func gap(rng *rand.Rand, interval, capacity int64) time.Duration {
	switch rng.IntN(5) {
	case 0:
		return 0
	case 1:
		return time.Duration(rng.IntN(3))
	case 2:
		return time.Duration(interval - rng.Int64N(2))
	case 3:
		return time.Duration(rng.Int64N(2 * interval))
	}
	return time.Duration(rng.Int64N(min(interval*capacity, 1<<48) + 1))
}

func TestAgainstModel(t *testing.T) {
	limits := []Limit{
		{1, time.Second, 1},
		{10, time.Second, 1},
		{100, time.Second, 20},
		{3_000_000, time.Second, 1},
		{3_000_000, time.Second, 50},
		{700_000, time.Second, 3},
		{12_345, time.Second, 7},
		{1, 24 * time.Hour, 3},
		{7, 3 * time.Second, 2},
		{999_999_937, time.Second, 1000},
		{1, 1, 9},
	}
	for _, kind := range kinds {
		t.Run(kind.name, func(t *testing.T) {
			for i, limit := range limits {
				rng := rand.New(rand.NewPCG(uint64(i), 3))
				if kind.window {
					limit.Burst = 0
				}
				for range 3 {
					mustAgree(t, kind.name, kind.new(t, limit), limit, randomRequests(rng, limit, 250))
				}
			}
		})
	}
}

// TestRandomLimits draws the limits too, up to the largest that are valid.
func TestRandomLimits(t *testing.T) {
	rng := rand.New(rand.NewPCG(4, 4))
	for range 150 {
		period := time.Duration(1 + rng.Int64N(1<<rng.IntN(50)))
		limit := Limit{Rate: 1 + rng.Int64N(int64(period)), Period: period}
		if limit.Rate > 1000 {
			limit.Rate = 1 + rng.Int64N(int64(min(period, 1<<40)))
		}
		for _, kind := range kinds {
			limit := limit
			if !kind.window {
				limit.Burst = 1 + rng.Int64N(min(1<<rng.IntN(40), maxUnits/int64(period)))
			}
			mustAgree(t, kind.name, kind.new(t, limit), limit, randomRequests(rng, limit, 40))
		}
	}
}
