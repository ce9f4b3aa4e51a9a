package oracle

import (
	"math/big"
	"math/rand/v2"
	"testing"
	"time"
)

// A wound is one way to get an algorithm wrong. The judge must find it, and
// must find errors of its kind only.
type wound struct {
	name      string
	algorithm string
	errs      kind
	limiter   func(Limit) subject
}

// kind is a set of errors.
type kind uint8

const (
	falseAdmits kind = 1 << iota
	falseDenials
)

func kindOf(v Violation) kind {
	if v.Allowed {
		return falseAdmits
	}
	return falseDenials
}

func kindsIn(r Report) kind {
	var k kind
	if r.FalseAdmits > 0 {
		k |= falseAdmits
	}
	if r.FalseDenials > 0 {
		k |= falseDenials
	}
	return k
}

func wounds() []wound {
	w := []wound{
		{"forgets the remainder", "token-bucket", falseDenials, forgetfulRemainder},
		{"loses the refill of a denial", "token-bucket", falseDenials, lostRefill},
		{"holds one more", "token-bucket", falseAdmits, func(l Limit) subject {
			l.Burst++
			return correct(newReference("token-bucket", l))
		}},
		{"forgets an entry", "sliding-window-log", falseAdmits, forgetsAnEntry},
	}
	w = append(w, counterWounds()...)
	for _, algorithm := range []string{"fixed-window", "sliding-window-counter"} {
		w = append(w, wound{"counts the denied", algorithm, falseDenials, func(l Limit) subject {
			return countsDenied(newReference(algorithm, l))
		}})
	}
	for _, algorithm := range []string{"fixed-window", "sliding-window-log", "sliding-window-counter"} {
		w = append(w, wound{"holds one more", algorithm, falseAdmits, func(l Limit) subject {
			l.Rate++
			return correct(newReference(algorithm, l))
		}})
	}
	for _, algorithm := range models() {
		w = append(w,
			wound{"grants 1 ns early", algorithm, falseAdmits, func(l Limit) subject { return early(newReference(algorithm, l)) }},
			wound{"denies one too many", algorithm, falseDenials, func(l Limit) subject { return deniesTooMuch(newReference(algorithm, l)) }})
	}
	return w
}

// forgetfulRemainder is the lazy bucket in whole tokens that moves its clock on
// and drops what had been refilled of the next token.
func forgetfulRemainder(l Limit) subject {
	tokens, last := l.Burst, time.Duration(0)
	return func(at time.Duration, n int64) bool {
		refill := new(big.Int).Mul(big.NewInt(int64(at-last)), big.NewInt(l.Rate))
		refill.Div(refill, big.NewInt(int64(l.Period))).Add(refill, big.NewInt(tokens))
		tokens, last = l.Burst, at
		if refill.Cmp(big.NewInt(l.Burst)) < 0 {
			tokens = refill.Int64()
		}
		if tokens < n {
			return false
		}
		tokens -= n
		return true
	}
}

// lostRefill does not credit the time that a denial ends.
func lostRefill(l Limit) subject {
	r, last := newReference("token-bucket", l).(*refBucket), time.Duration(0)
	return func(at time.Duration, n int64) bool {
		defer func() { last = at }()
		if r.admits(at, n) {
			r.take(at, n)
			return true
		}
		r.tat.Add(r.tat, ratio(int64(at-last)))
		return false
	}
}

func early(r reference) subject {
	return func(at time.Duration, n int64) bool {
		allowed := r.admits(at+1, n)
		if allowed {
			r.take(at, n)
		}
		return allowed
	}
}

func deniesTooMuch(r reference) subject {
	grants := 0
	return func(at time.Duration, n int64) bool {
		if !r.admits(at, n) {
			return false
		}
		if grants++; grants%50 == 0 {
			return false
		}
		r.take(at, n)
		return true
	}
}

func countsDenied(r reference) subject {
	return func(at time.Duration, n int64) bool {
		allowed := r.admits(at, n)
		r.take(at, n)
		return allowed
	}
}

func forgetsAnEntry(l Limit) subject {
	r, grants := newReference("sliding-window-log", l).(*refLog), 0
	return func(at time.Duration, n int64) bool {
		if !r.admits(at, n) {
			return false
		}
		r.take(at, n)
		if grants++; grants == 100 {
			r.forgetOldest()
		}
		return true
	}
}

func TestEveryWoundIsFound(t *testing.T) {
	for _, w := range wounds() {
		for _, l := range []Limit{
			{Rate: 7, Period: 3 * time.Second, Burst: 5},
			{Rate: 20, Period: 61 * time.Microsecond, Burst: 30},
		} {
			t.Run(w.algorithm+" "+w.name, func(t *testing.T) {
				j := mustNew(t, w.algorithm, l)
				tr := traffic{w.algorithm, l, 3, true, time.Nanosecond}
				tr.drive(rand.New(rand.NewPCG(3, 4)), 6_000, func() subject { return w.limiter(l) }, j.Observe)
				r := j.Report()
				if kindsIn(r) != w.errs {
					t.Errorf("%v: %d false admits, %d false denials; want errors of the wound's kind and no other", l, r.FalseAdmits, r.FalseDenials)
				}
				if len(r.Violations) == 0 || kindOf(r.Violations[0])&w.errs == 0 {
					t.Errorf("%v: examples are %v; want the errors", l, r.Violations)
				}
			})
		}
	}
}

// The high rates, where a wound is a matter of a few nanoseconds.
func TestTruncatedIntervalIsFound(t *testing.T) {
	for rate, interval := range map[int64]time.Duration{3_000_000: 333, 700_000: 1428} {
		j := mustNew(t, "gcra", Limit{Rate: rate, Period: time.Second, Burst: 1})
		for i := range time.Duration(10_000) {
			j.Observe(Observation{N: 1, At: i * interval, Allowed: true})
		}
		r := j.Report()
		if r.FalseAdmits == 0 || r.RateError <= 0 || r.BurstExcess <= 0 {
			t.Errorf("%d/s every %v: %+v; want false admits, a rate error and an excess", rate, interval, r)
		}
	}
}

func TestBurstExcessIsExact(t *testing.T) {
	for _, tc := range []struct {
		name  string
		at    []time.Duration
		limit Limit
		want  float64
		worst Window
	}{
		{
			"the whole burst and no more", make([]time.Duration, 10),
			Limit{1, time.Second, 10},
			0,
			Window{Tokens: 10, Bound: 10},
		}, {
			"one more", make([]time.Duration, 11),
			Limit{1, time.Second, 10},
			1,
			Window{Tokens: 11, Bound: 10},
		}, {
			"one more, 1 ns early",
			[]time.Duration{5, time.Second + 4},
			Limit{1, time.Second, 1},
			1e-9,
			Window{Start: 5, End: time.Second + 4, Tokens: 2, Bound: 1},
		}, {
			"one more, in time",
			[]time.Duration{5, time.Second + 5},
			Limit{1, time.Second, 1},
			0,
			Window{Start: 5, End: 5, Tokens: 1, Bound: 1},
		}, {
			"a third of an interval early",
			[]time.Duration{0, 222},
			Limit{3_000_000, time.Second, 1},
			0.334,
			Window{End: 222, Tokens: 2, Bound: 1},
		},
	} {
		j := mustNew(t, "token-bucket", tc.limit)
		for _, at := range tc.at {
			j.Observe(Observation{N: 1, At: at, Allowed: true})
		}
		r := j.Report()
		if r.BurstExcess != tc.want {
			t.Errorf("%s: excess %.20g; want %.20g", tc.name, r.BurstExcess, tc.want)
		}
		if r.WorstWindow != tc.worst {
			t.Errorf("%s: worst window %+v; want %+v", tc.name, r.WorstWindow, tc.worst)
		}
	}
}

// A fixed window is right by its own model, and lets through twice the asked
// burst across a boundary: both must be seen.
func TestFixedWindowBoundary(t *testing.T) {
	j := mustNew(t, "fixed-window", Limit{Rate: 100, Period: time.Second})
	j.Observe(Observation{N: 100, At: time.Second - time.Millisecond, Allowed: true})
	j.Observe(Observation{N: 100, At: time.Second, Allowed: true})
	r := j.Report()
	if r.FalseAdmits != 0 || r.BurstExcess != 99.9 || r.RateError != 1 {
		t.Errorf("%+v; want no false admit, 99.9 tokens too many, twice the rate", r)
	}
	if want := (Window{Start: time.Second - time.Millisecond, End: time.Second, Tokens: 200, Bound: 100}); r.WorstWindow != want {
		t.Errorf("worst window %+v; want %+v", r.WorstWindow, want)
	}
}

// Nothing was due, so there is nothing to divide by.
func TestRateErrorStaysFinite(t *testing.T) {
	j := mustNew(t, "gcra", Limit{Rate: 1, Period: time.Second, Burst: 1})
	if got := j.Report(); got.RateError != 0 || got.WorstWindow != (Window{}) {
		t.Errorf("nothing observed: %+v; want zeros", got)
	}
	j.Observe(Observation{N: 5, Allowed: true})
	if got := j.Report().RateError; got != 5 {
		t.Errorf("rate error is %v; want 5", got)
	}
}

// A log that admits without limit must not grow without limit.
func TestLogKeepsAtMostRateInstants(t *testing.T) {
	const rate = 10
	j := mustNew(t, "sliding-window-log", Limit{Rate: rate, Period: time.Hour})
	for i := range time.Duration(10_000) {
		j.Observe(Observation{N: 1, At: i, Allowed: true})
	}
	l := j.model(j.keys.find("")).(*slidingLog)
	if live := len(l.grants) - l.head; live > rate || cap(l.grants) > 4*rate {
		t.Errorf("%d instants in room for %d; want at most %d in %d", live, cap(l.grants), rate, 4*rate)
	}
	if got := j.Report().FalseAdmits; got != 10_000-rate {
		t.Errorf("%d false admits; want %d", got, 10_000-rate)
	}
}
