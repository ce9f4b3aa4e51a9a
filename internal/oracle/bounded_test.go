package oracle

import (
	"math/rand/v2"
	"testing"
	"time"
)

// firstHit is a fixed window that begins with the first request after the last one.
func firstHit(l Limit) subject {
	var begin time.Duration
	taken := l.Rate
	first := true
	return func(at time.Duration, n int64) bool {
		if first || at-begin >= l.Period {
			begin, taken, first = at, 0, false
		}
		if taken+n > l.Rate {
			return false
		}
		taken += n
		return true
	}
}

func firstHitBound(l Limit) func(time.Duration) int64 {
	return func(w time.Duration) int64 { return l.Rate * (int64(w/l.Period) + 2) }
}

// lineBound is that of a bucket, rounded up as one that fills in ticks is.
func lineBound(l Limit) func(time.Duration) int64 {
	return func(w time.Duration) int64 {
		return l.Burst + (int64(w)*l.Rate+int64(l.Period)-1)/int64(l.Period)
	}
}

func mustJudge(t testing.TB, o Options) *Judge {
	t.Helper()
	j, err := NewJudge(o)
	if err != nil {
		t.Fatal(err)
	}
	return j
}

func TestBound(t *testing.T) {
	l := Limit{Rate: 40, Period: time.Second, Burst: 8}
	one, faster := l, l
	one.Burst++
	one.Rate++
	faster.Rate += 2
	for _, tc := range []struct {
		name    string
		bound   func(time.Duration) int64
		errs    kind
		limiter func() subject
	}{
		{"windows from the first hit", firstHitBound(l), 0, func() subject { return firstHit(l) }},
		{"windows that hold one more", firstHitBound(l), falseAdmits, func() subject { return firstHit(one) }},
		{"a bucket", lineBound(l), 0, func() subject { return correct(newReference("gcra", l)) }},
		{"a bucket that denies at will", lineBound(l), 0, func() subject { return deniesTooMuch(newReference("gcra", l)) }},
		{"a bucket that holds two more", lineBound(l), falseAdmits, func() subject {
			l := l
			l.Burst += 2
			return correct(newReference("gcra", l))
		}},
		{"a bucket that fills too fast", lineBound(l), falseAdmits, func() subject { return correct(newReference("gcra", faster)) }},
	} {
		for name, hide := range map[string]func(Observation) Observation{
			"at instants":   func(o Observation) Observation { return o },
			"of a shaper":   func(o Observation) Observation { o.Until = o.At + time.Minute; return o },
			"over interval": func(o Observation) Observation { o.Called, o.Returned, o.At = o.At, o.At, -1; return o },
		} {
			j := mustJudge(t, Options{Algorithm: "ticker", Limit: l, Bound: tc.bound, Shaper: name == "of a shaper"})
			limiter, rng := tc.limiter(), rand.New(rand.NewPCG(1, 1))
			var at time.Duration
			for range 8_000 {
				at += time.Duration(rng.Int64N(int64(16 * time.Millisecond)))
				j.Observe(hide(Observation{N: 1, At: at, Allowed: limiter(at, 1)}))
			}
			r := j.Report()
			if kindsIn(r) != tc.errs || r.Judged != 8_000 || r.Oracle != "bound" || r.Entitled == 0 {
				t.Errorf("%s %s: %+v; want errors of kind %b", tc.name, name, r, tc.errs)
			}
		}
	}
}

// Up to as many admissions as are remembered, every window is looked at.
func TestBoundAgreesWithBruteForce(t *testing.T) {
	rng := rand.New(rand.NewPCG(2, 2))
	for range 300 {
		l := Limit{Rate: 1 + rng.Int64N(5), Period: time.Duration(5 + rng.IntN(20)), Burst: 1 + rng.Int64N(5)}
		bound := firstHitBound(l)
		j := mustJudge(t, Options{Limit: l, Bound: bound})
		var history []Observation
		var at time.Duration
		var want int64
		for range 60 {
			at += time.Duration(rng.IntN(6))
			o := Observation{N: 1 + rng.Int64N(3), At: at, Allowed: rng.IntN(3) > 0}
			j.Observe(o)
			if o.Allowed {
				history = append(history, o)
				want += overBound(history, bound)
			}
		}
		if got := j.Report(); got.FalseAdmits != want || got.FalseDenials != 0 {
			t.Fatalf("%+v: %+v; want %d false admits\n%+v", l, got, want, history)
		}
	}
}

// overBound is 1 if the last admission puts a window over the bound.
func overBound(history []Observation, bound func(time.Duration) int64) int64 {
	last := history[len(history)-1].At
	for _, first := range history {
		var tokens int64
		for _, o := range history {
			if o.At >= first.At {
				tokens += o.N
			}
		}
		if tokens > bound(last-first.At) {
			return 1
		}
	}
	return 0
}

// A straight bound is exact however long the history: the start that matters is kept.
func TestStraightBoundIsExact(t *testing.T) {
	l := Limit{Rate: 1000, Period: time.Second, Burst: 500}
	bound := func(w time.Duration) int64 { return l.Burst + int64(w)*l.Rate/int64(l.Period) }
	rng := rand.New(rand.NewPCG(3, 3))
	exact, held := mustNew(t, "gcra", l), mustJudge(t, Options{Limit: l, Bound: bound})
	limiter := losesUpdates(newReference("gcra", l))
	var at time.Duration
	for i := range 20_000 {
		at += time.Duration(rng.Int64N(int64(time.Millisecond)))
		if i%4000 == 0 {
			at += time.Second
		}
		o := Observation{N: 1, At: at, Allowed: limiter(at, 1)}
		exact.Observe(o)
		held.Observe(o)
	}
	if want, got := exact.Report().FalseAdmits, held.Report().FalseAdmits; want == 0 || got != want {
		t.Errorf("%d false admits against the bound, %d against the model; want the same, and some", got, want)
	}
	if b := held.model(held.keys.find("")).(*bounded); len(b.starts) > maxStarts {
		t.Errorf("%d starts; want at most %d", len(b.starts), maxStarts)
	}
}

// A shaper that is not first come first served is followed in the order in which it lets go.
func TestBoundOfAShaperOutOfOrder(t *testing.T) {
	l := Limit{Rate: 1, Period: time.Second, Burst: 1}
	j := mustJudge(t, Options{Limit: l, Bound: func(time.Duration) int64 { return 1 }, Shaper: true})
	j.Observe(Observation{N: 1, At: 1, Until: 9, Allowed: true})
	j.Observe(Observation{N: 1, At: 2, Until: 8, Allowed: true})
	if r := j.Report(); r.Judged != 2 || r.FalseAdmits != 1 || r.Violations[0].At != 9 || r.BurstExcess != 1-1e-9 {
		t.Errorf("%+v; want one too many, at 9ns, 1ns after the other", r)
	}
}
