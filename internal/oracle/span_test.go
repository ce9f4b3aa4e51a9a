package oracle

import (
	"fmt"
	"math/big"
	"math/rand/v2"
	"testing"
	"time"
)

// noise is what a run adds to a decision: how long before it the call began, and how long
// after it the answer arrived.
type noise struct{ before, after time.Duration }

// hide hides the instants of a limiter and hands its decisions on in the
// order of Called, as a sequencer behind several callers would.
func hide(rng *rand.Rand, tr traffic, n noise, count int, limiter func() subject, observe func(Observation)) {
	s := NewSequencer(observe)
	tr.drive(rng, count, limiter, func(o Observation) {
		o.Called = max(0, o.At-time.Duration(rng.Int64N(int64(n.before)+1)))
		o.Returned = o.At + time.Duration(rng.Int64N(int64(n.after)+1))
		s.Push(Observation{Key: o.Key, N: o.N, At: -1, Called: o.Called, Returned: o.Returned, Allowed: o.Allowed})
		s.AdvanceCalled(o.At - n.before)
	})
	s.Flush()
}

// Whatever overlaps, a limiter that decided right at some instant of each
// interval is never convicted.
func TestUnknownInstantsNeverConvict(t *testing.T) {
	for _, algorithm := range append(models(), "leaky-bucket-queue") {
		for _, l := range limits() {
			step := l.Period / time.Duration(l.Rate)
			for seed := range uint64(5) {
				rng := rand.New(rand.NewPCG(seed, 1))
				n := noise{time.Duration(seed) * step, (3 * time.Duration(seed&3)) * step}
				tr := traffic{algorithm, l, 1 + int(seed&1), seed < 3 || l.Rate > 1000, time.Nanosecond}
				j := mustNew(t, algorithm, l)
				hide(rng, tr, n, 500, func() subject { return correct(newReference(algorithm, l)) }, j.Observe)
				r := j.Report()
				excess := r.BurstExcess > 0 && algorithm != "fixed-window" && algorithm != "sliding-window-counter"
				if r.FalseAdmits+r.FalseDenials != 0 || r.Unjudged != 0 || r.Judged != 500 || excess {
					t.Fatalf("%s %+v %+v: %+v; want no error", algorithm, l, n, r)
				}
			}
		}
	}
}

// Without width the interval is the instant, and the verdict the same to the last field.
func TestIntervalsWithoutWidthAreInstants(t *testing.T) {
	for _, l := range limits() {
		for seed := range uint64(4) {
			rng := rand.New(rand.NewPCG(seed, 2))
			at, between := mustNew(t, "gcra", l), mustNew(t, "gcra", l)
			reckless := func() subject {
				r := newReference("gcra", l)
				return func(at time.Duration, n int64) bool {
					allowed := r.admits(at, n) != (rng.IntN(8) == 0)
					if allowed {
						r.take(at, n)
					}
					return allowed
				}
			}
			traffic{"gcra", l, 1, true, time.Nanosecond}.drive(rng, 1000, reckless, func(o Observation) {
				at.Observe(o)
				o.Called, o.Returned, o.At = o.At, o.At, -1
				between.Observe(o)
			})
			want, got := at.Report(), between.Report()
			if want.FalseAdmits == 0 || want.FalseDenials == 0 {
				t.Fatalf("%+v; want errors of both kinds", want)
			}
			// Admissions are settled a little later than denials, so that examples come in another order.
			want.Violations, got.Violations = nil, nil
			if fmt.Sprintf("%+v", got) != fmt.Sprintf("%+v", want) {
				t.Errorf("%+v: over intervals\n%+v; want\n%+v", l, got, want)
			}
		}
	}
}

func TestWoundsAreFoundOverIntervals(t *testing.T) {
	l, few := Limit{Rate: 100, Period: time.Second, Burst: 20}, Limit{Rate: 20, Period: time.Second, Burst: 1}
	n := noise{2 * time.Millisecond, 2 * time.Millisecond}
	for _, tc := range []struct {
		name, algorithm string
		limit           Limit
		errs            kind
		limiter         func() subject
	}{
		{"holds two more", "gcra", l, falseAdmits, func() subject {
			l := l
			l.Burst += 2
			return correct(newReference("gcra", l))
		}},
		{"one per cent too fast", "gcra", l, falseAdmits, func() subject {
			l := l
			l.Rate++
			return correct(newReference("gcra", l))
		}},
		{"one per cent too slow", "gcra", l, falseDenials, func() subject {
			l := l
			l.Rate--
			return correct(newReference("gcra", l))
		}},
		{"holds three fewer", "gcra", l, falseDenials, func() subject {
			l := l
			l.Burst -= 3
			return correct(newReference("gcra", l))
		}},
		{"loses an update now and then", "gcra", l, falseAdmits, func() subject { return losesUpdates(newReference("gcra", l)) }},
		{"loses an update now and then", "sliding-window-log", few, falseAdmits, func() subject { return losesUpdates(newReference("sliding-window-log", few)) }},
		{"holds one more", "fixed-window", few, falseAdmits, func() subject {
			l := few
			l.Rate++
			return correct(newReference("fixed-window", l))
		}},
		{"holds a tenth less", "sliding-window-log", few, falseDenials, func() subject {
			l := few
			l.Rate -= 2
			return correct(newReference("sliding-window-log", l))
		}},
		{"denies what fits", "fixed-window", few, falseDenials, func() subject { return deniesTooMuch(newReference("fixed-window", few)) }},
	} {
		j := mustNew(t, tc.algorithm, tc.limit)
		steady := func(observe func(Observation)) {
			s, limiter := NewSequencer(observe), tc.limiter()
			rng := rand.New(rand.NewPCG(3, 4))
			for i := range time.Duration(60_000) { // 250/s for 40 s, 60/s for 10 s, and again
				at := i * 4 * time.Millisecond
				if i%20_000 >= 10_000 && i%4 != 0 {
					continue
				}
				o := Observation{N: 1, At: -1, Allowed: limiter(at, 1)}
				o.Called = max(0, at-time.Duration(rng.Int64N(int64(n.before))))
				o.Returned = at + time.Duration(rng.Int64N(int64(n.after)))
				s.Push(o)
				s.AdvanceCalled(at - n.before)
			}
			s.Flush()
		}
		steady(j.Observe)
		if r := j.Report(); kindsIn(r) != tc.errs {
			t.Errorf("%s, %s: %+v; want errors of kind %b", tc.algorithm, tc.name, r, tc.errs)
		}
	}
}

// Without a phase only the last periods can explain a denial: one for windows
// that count whole, two for the counter, which also weighs the one before.
func TestWhatExplainsADenialByAWindow(t *testing.T) {
	for algorithm, periods := range map[string]time.Duration{"fixed-window": 1, "sliding-window-log": 1, "sliding-window-counter": 2} {
		for early := range time.Duration(2) {
			j := mustNew(t, algorithm, Limit{Rate: 3, Period: time.Second})
			at := 7 + periods*time.Second - early
			j.Observe(Observation{N: 3, At: -1, Called: 5, Returned: 7, Allowed: true})
			j.Observe(Observation{N: 1, At: -1, Called: at, Returned: at + 3})
			if r := j.Report(); r.FalseDenials != int64(1-early) {
				t.Errorf("%s: denied %v after the limit was spent: %+v; want %d false denials", algorithm, at-7, r, 1-early)
			}
		}
	}
}

// Of windows that may begin anywhere the bound alone convicts.
func TestWindowsOverIntervalsAreHeldToTheirBound(t *testing.T) {
	for algorithm, most := range map[string]int{"fixed-window": 6, "sliding-window-log": 3, "sliding-window-counter": 6} {
		j := mustNew(t, algorithm, Limit{Rate: 3, Period: time.Second})
		for i := range time.Duration(most + 1) {
			if r := j.Report(); r.FalseAdmits != 0 {
				t.Errorf("%s: %+v after %d in a period; want no error up to %d", algorithm, r, i, most)
			}
			j.Observe(Observation{N: 1, At: -1, Called: 5 + i, Returned: 5 + i, Allowed: true})
		}
		if r := j.Report(); r.FalseAdmits != 1 {
			t.Errorf("%s: %+v after %d in a period; want one false admit", algorithm, r, most+1)
		}
	}
}

// The worst window holds what was certainly admitted in it: not what was called before.
func TestWorstWindowOverIntervals(t *testing.T) {
	j := mustNew(t, "gcra", Limit{Rate: 1, Period: 10, Burst: 5})
	for _, o := range []Observation{
		{N: 1, Called: 0, Returned: 100},
		{N: 10, Called: 50, Returned: 50},
		{N: 20, Called: 99, Returned: 101},
	} {
		o.At, o.Allowed = -1, true
		j.Observe(o)
	}
	r := j.Report()
	if want := (Window{Start: 50, End: 101, Tokens: 30, Bound: 10}); r.WorstWindow != want || r.BurstExcess < 19.9-1e-9 || r.BurstExcess > 19.9+1e-9 {
		t.Errorf("%+v; want %+v, an excess of 19.9", r, want)
	}
}

// What explains a large denial may leave small ones open, and each of these only
// until it Returned.
func TestDenialsStayOpenUntilTheyReturn(t *testing.T) {
	j := mustNew(t, "gcra", Limit{Rate: 1, Period: time.Hour, Burst: 5})
	for _, o := range []Observation{
		{N: 5, Called: 0, Returned: 10},
		{N: 1, Called: 0, Returned: 20},
		{N: 1, Called: 0, Returned: 12}, // wrong
		{N: 1, Called: 1, Returned: 4, Allowed: true},
		{N: 4, Called: 15, Returned: 15, Allowed: true},
	} {
		o.At = -1
		j.Observe(o)
	}
	r := j.Report()
	if r.FalseAdmits != 0 || r.FalseDenials != 1 || r.Violations[0].Within != 12 || r.Violations[0].Held != 5 {
		t.Errorf("%+v; want the third one false", r)
	}
}

// losesUpdates is the check and then the act of two callers who do not see each other.
func losesUpdates(r reference) subject {
	grants := 0
	return func(at time.Duration, n int64) bool {
		if !r.admits(at, n) {
			return false
		}
		if grants++; grants%100 != 0 {
			r.take(at, n)
		}
		return true
	}
}

// bruteSpan judges intervals from the definitions: the most that was certainly
// admitted in any window beyond what drains in it, and for each denial the least
// room that there may have been.
func bruteSpan(l Limit, history []Observation) (sigma *big.Rat, denials int64) {
	sigma = new(big.Rat)
	for _, first := range history {
		for _, last := range history {
			over := refill(l, first.Called-last.Returned)
			for _, o := range history {
				if o.Allowed && o.Called >= first.Called && o.Returned <= last.Returned {
					over.Add(over, ratio(o.N))
				}
			}
			if last.Returned >= first.Called && over.Cmp(sigma) > 0 {
				sigma = over
			}
		}
	}
	for _, d := range history {
		if d.Allowed {
			continue
		}
		most := possible(l, history, d.Called)
		for _, o := range history {
			if level := possible(l, history, o.Called); o.Allowed && o.Called >= d.Called && o.Called <= d.Returned && level.Cmp(most) > 0 {
				most = level
			}
		}
		if most.Add(most, ratio(d.N)).Cmp(ratio(l.Burst)) <= 0 {
			denials++
		}
	}
	return sigma, denials
}

func refill(l Limit, d time.Duration) *big.Rat {
	r := big.NewRat(l.Rate, int64(l.Period))
	return r.Mul(r, ratio(int64(d)))
}

// possible is the highest level at at, when all that was called by then was
// admitted as late as can be.
func possible(l Limit, history []Observation, at time.Duration) *big.Rat {
	most := new(big.Rat)
	for _, first := range history {
		since := min(first.Returned, at)
		level := refill(l, since-at)
		for _, o := range history {
			if o.Allowed && o.Called <= at && min(o.Returned, at) >= since {
				level.Add(level, ratio(o.N))
			}
		}
		if level.Cmp(most) > 0 {
			most = level
		}
	}
	return most
}

func wantSpan(t *testing.T, l Limit, history []Observation) {
	t.Helper()
	j := mustNew(t, "gcra", l)
	s := NewSequencer(j.Observe)
	for _, o := range history {
		s.Push(o)
	}
	s.Flush()
	r := j.Report()
	sigma, denials := bruteSpan(l, history)
	if got := j.asked.peak.Big(); got.Cmp(sigmaUnits(j, sigma)) != 0 {
		t.Fatalf("%+v: σ* is %v units; want %v\n%+v", l, got, sigmaUnits(j, sigma), history)
	}
	if over := sigma.Cmp(ratio(l.Burst)) > 0; over != (r.FalseAdmits > 0) || r.FalseDenials != denials {
		t.Fatalf("%+v: %+v; want admissions wrong: %t, and %d denials\n%+v", l, r, over, denials, history)
	}
}

func TestSpansAgreeWithBruteForce(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	for range 600 {
		l := Limit{Rate: 1 + rng.Int64N(4), Period: time.Duration(1 + rng.IntN(9)), Burst: 1 + rng.Int64N(6)}
		history, share := make([]Observation, 1+rng.IntN(14)), rng.IntN(5)
		for i := range history {
			called := time.Duration(rng.IntN(30))
			history[i] = Observation{
				N: 1 + rng.Int64N(3), At: -1, Called: called, Returned: called + time.Duration(rng.IntN(12)), Allowed: rng.IntN(5) < share,
			}
		}
		wantSpan(t, l, history)
	}
}

// FuzzSpan holds the judge of intervals against the definitions with arbitrary limits.
func FuzzSpan(f *testing.F) {
	f.Add(int64(1), int64(4), int64(1), []byte("\x00\x04\x03\x01\x00\x03\x02\x05\x02"))
	f.Add(int64(3_000_000), int64(time.Second), int64(3), []byte("\x10\x04\x03\x21\x18\x03\x02\x25\x02\x30\x01\x08"))
	f.Fuzz(func(t *testing.T, rate, period, burst int64, ops []byte) {
		l := Limit{Rate: max(rate, 1), Period: max(time.Duration(period), 1), Burst: max(burst, 1)}
		var history []Observation
		var at int64
		for ; len(ops) >= 4 && len(history) < 16; ops = ops[4:] {
			at = sum(at, magnitude(ops[0]))
			history = append(history, Observation{
				N: max(magnitude(ops[1]), 1), At: -1, Called: time.Duration(at),
				Returned: time.Duration(sum(at, magnitude(ops[2]))), Allowed: ops[3]&1 == 1,
			})
		}
		wantSpan(t, l, history)
	})
}

// What comes out of order is not judged, and explains what it can.
func TestStraysAreForgiven(t *testing.T) {
	j := mustNew(t, "gcra", Limit{Rate: 1, Period: time.Second, Burst: 1})
	for _, o := range []Observation{
		{N: 1, At: -1, Called: 10, Returned: 12},
		{N: 1, At: -1, Called: 4, Returned: 11, Allowed: true},
		{N: 1, At: -1, Called: 3, Returned: 4, Allowed: true},
		{N: 1, At: -1, Called: 2, Returned: 2},
		{N: 1, At: -1, Called: 15, Returned: 15},
	} {
		j.Observe(o)
	}
	if r := j.Report(); r.Judged != 2 || r.Unjudged != 3 || r.FalseAdmits+r.FalseDenials != 0 {
		t.Errorf("%+v; want 2 judged, 3 not, no error", r)
	}
}

func TestErrorEndsTheJudgementOfASpan(t *testing.T) {
	j := mustNew(t, "gcra", Limit{Rate: 1, Period: time.Second, Burst: 1})
	for _, o := range []Observation{
		{N: 1, At: -1, Called: 10, Returned: 12},
		{N: 1, At: -1, Called: 11, Returned: 12, Errored: true},
		{N: 1, At: -1, Called: 15, Returned: 15},
		{N: 3, At: -1, Called: 16, Returned: 16, Allowed: true},
	} {
		j.Observe(o)
	}
	if r := j.Report(); r.FalseAdmits+r.FalseDenials != 0 || r.Unjudged != 3 || r.BurstExcess != 2 {
		t.Errorf("%+v; want no error, 3 not judged, an excess of 2", r)
	}
}

// Memory follows what is in flight, not what was.
func TestSpanHoldsWhatIsInFlight(t *testing.T) {
	j := mustNew(t, "gcra", Limit{Rate: 1, Period: time.Hour, Burst: 1})
	for i := range time.Duration(10_000) {
		j.Observe(Observation{N: 1, At: -1, Called: i, Returned: i + 5, Allowed: i&1 == 0})
	}
	s := j.spanOf(j.keys.find(""))
	if held := s.flying.Len() + s.open.Len() + s.fits[0].jobs.Len(); held > 20 {
		t.Errorf("%d held; want no more than what overlaps", held)
	}
	if v := j.Report().Violations[0]; v.String() != `key "" between 2ns and 7ns: 1 admitted while the model held 0` {
		t.Errorf("violation is %q", v)
	}
}

func TestSpansDoNotAllocate(t *testing.T) {
	for _, algorithm := range models() {
		j := mustNew(t, algorithm, Limit{Rate: 100, Period: time.Second, Burst: 10})
		o := Observation{N: 1, At: -1}
		observe := func() {
			o.Called += 5 * time.Millisecond
			o.Returned = o.Called + 40*time.Millisecond
			o.Allowed = !o.Allowed
			j.Observe(o)
		}
		for range 1000 {
			observe()
		}
		if n := testing.AllocsPerRun(10_000, observe); n != 0 {
			t.Errorf("%s: %v allocations per observation; want 0", algorithm, n)
		}
	}
}

func BenchmarkObserveBetween(b *testing.B) {
	for _, algorithm := range models() {
		b.Run(algorithm, func(b *testing.B) {
			j := mustNew(b, algorithm, Limit{Rate: 100, Period: time.Second, Burst: 20})
			rng := rand.New(rand.NewPCG(1, 1))
			o := Observation{N: 1, At: -1}
			b.ReportAllocs()
			for b.Loop() { // eight in flight
				o.Called += 5 * time.Millisecond
				o.Returned = o.Called + 40*time.Millisecond
				o.Allowed = rng.Uint64()>>63 == 0
				j.Observe(o)
			}
		})
	}
}
