package oracle

import (
	"math"
	"math/big"
	"math/rand/v2"
	"testing"
	"time"
)

// leaves is when a shaper lets the next one go, from the theoretical arrival time.
func (b *refBucket) leaves(at time.Duration) time.Duration {
	if ratio(int64(at)).Cmp(b.tat) >= 0 {
		return at
	}
	up := new(big.Int).Add(b.tat.Num(), b.tat.Denom())
	up.Sub(up, big.NewInt(1)).Div(up, b.tat.Denom())
	return time.Duration(up.Int64())
}

// shape drives a shaper that lets go shift later than it should, every so often.
func shape(rng *rand.Rand, l Limit, count int, shift time.Duration, observe func(Observation)) (shifted int64) {
	tr := traffic{"leaky-bucket-queue", l, 1, true, time.Nanosecond}
	r := newReference("leaky-bucket-queue", l).(*refBucket)
	tr.drive(rng, count, func() subject { return correct(newReference(tr.algorithm, l)) }, func(o Observation) {
		if o.Allowed {
			o.Until = r.leaves(o.At)
			r.take(o.At, o.N)
			if shift != 0 && o.Until > 0 && rng.IntN(7) == 0 {
				o.Until += shift
				shifted++
			}
		}
		observe(o)
	})
	return shifted
}

func TestCorrectShaperIsNeverConvicted(t *testing.T) {
	for _, l := range limits() {
		j := mustNew(t, "leaky-bucket-queue", l)
		shape(rand.New(rand.NewPCG(1, 1)), l, 3000, 0, j.Observe)
		r := j.Report()
		if r.FalseAdmits+r.FalseDenials != 0 || r.Judged != 3000 || r.BurstExcess != 0 || r.RateError != 0 {
			t.Errorf("%+v: %+v; want no error at all", l, r)
		}
	}
}

func TestWrongDelayIsFound(t *testing.T) {
	for _, l := range limits() {
		for _, shift := range []time.Duration{-1, 1} {
			j := mustNew(t, "leaky-bucket-queue", l)
			shifted := shape(rand.New(rand.NewPCG(2, 2)), l, 2000, shift, j.Observe)
			r := j.Report()
			early, late := shifted, int64(0)
			if shift > 0 {
				early, late = 0, shifted
			}
			if shifted == 0 || r.FalseAdmits != early || r.FalseDenials != late || r.Violations[0].Late != shift {
				t.Errorf("%+v shifted %d times by %d: %+v", l, shifted, shift, r)
			}
		}
	}
}

// A shaper's burst is about what leaves: one at a time, however many arrive.
func TestShaperBurst(t *testing.T) {
	l := Limit{Rate: 10, Period: time.Second, Burst: 5}
	for _, tc := range []struct {
		name  string
		gap   time.Duration
		wrong int64
		want  float64
	}{
		{"one at a time", 100 * time.Millisecond, 0, 0},
		{"all at once", 0, 4, 4},
	} {
		j := mustNew(t, "leaky-bucket-queue", l)
		for i := range time.Duration(5) {
			j.Observe(Observation{N: 1, Allowed: true, Until: i * tc.gap})
		}
		r := j.Report()
		if r.FalseAdmits != tc.wrong || r.BurstExcess < tc.want-1e-6 || r.BurstExcess > tc.want {
			t.Errorf("%s: %+v; want %d let go too early, an excess of %v", tc.name, r, tc.wrong, tc.want)
		}
		if tc.wrong > 0 && r.Violations[0].String() != `key "" at 0s: 1 let go 100ms too early` {
			t.Errorf("violation is %q", r.Violations[0])
		}
	}
}

// TestOvertakingIsCounted: what a shaper lets go counts in the order in which it goes. One that holds
// the first back and lets the others go as they come has let a burst go, and its worst window says so.
func TestOvertakingIsCounted(t *testing.T) {
	l := Limit{Rate: 100, Period: time.Second, Burst: 400}
	for _, held := range []time.Duration{0, 3900 * time.Millisecond, time.Hour} {
		j := mustNew(t, "leaky-bucket-queue", l)
		for i := range time.Duration(400) {
			o := Observation{N: 1, At: i * time.Microsecond, Allowed: true}
			if o.Until = o.At; i == 0 {
				o.Until = held
			}
			j.Observe(o)
		}
		// 399 or 400 within as many µs, of which a tenth of a token drains in each thousand.
		want := 400 - 1 - 0.0399 - 1e-7
		if held > 0 {
			want = 399 - 1 - 0.0398 - 1e-7
		}
		r := j.Report()
		if math.Abs(r.BurstExcess-want) > 1e-6 || r.WorstWindow.Tokens != int64(math.Ceil(want+1)) {
			t.Errorf("the first held for %v: %+v; want an excess of %v", held, r, want)
		}
		if r.Unjudged != 0 || r.Most.Tokens != int64(math.Ceil(want+1)) {
			t.Errorf("the first held for %v: %+v; want all judged, and %v at once", held, r, want+1)
		}
	}
}

// TestLeavingBeforeDeciding is no way to go unseen: nothing goes before it is let.
func TestLeavingBeforeDeciding(t *testing.T) {
	j := mustNew(t, "leaky-bucket-queue", Limit{Rate: 1, Period: time.Second, Burst: 5})
	for _, at := range []time.Duration{2 * time.Second, 1500 * time.Millisecond} {
		for range 2 {
			j.Observe(Observation{N: 1, At: at, Until: at, Allowed: true})
		}
	}
	if r := j.Report(); r.BurstExcess < 3-1e-6 || r.WorstWindow.Tokens != 4 {
		t.Errorf("%+v; want 4 at once", r)
	}
}
