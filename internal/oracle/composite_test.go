package oracle

import (
	"math/rand/v2"
	"testing"
	"time"
)

// refBoth is two references of which both must agree.
type refBoth [2]reference

func (b refBoth) admits(at time.Duration, n int64) bool {
	return b[0].admits(at, n) && b[1].admits(at, n)
}

func (b refBoth) take(at time.Duration, n int64) {
	b[0].take(at, n)
	b[1].take(at, n)
}

func twoLimits() Options {
	return Options{
		Algorithm: "gcra",
		Limit:     Limit{Rate: 10, Period: time.Second, Burst: 4},
		Also:      []Limit{{Rate: 100, Period: time.Minute, Burst: 20}},
	}
}

// mixed drives a limiter of two limits, and mirrors where both have their edges.
func mixed(rng *rand.Rand, limiter subject, o Options, observe func(Observation)) {
	mirrors := refBoth{newReference("gcra", o.Limit), newReference("gcra", o.Also[0])}
	var at time.Duration
	for i := range 5000 {
		n := 1 + rng.Int64N(5)
		switch edge := mirrors[i&1].next(at, n); {
		case rng.IntN(3) == 0 && edge > at:
			at = edge - time.Duration(rng.IntN(2))
		case rng.IntN(40) == 0:
			at += time.Duration(rng.Int64N(int64(30 * time.Second)))
		default:
			at += time.Duration(rng.Int64N(int64(200 * time.Millisecond)))
		}
		allowed := limiter(at, n)
		if allowed {
			mirrors.take(at, n)
		}
		observe(Observation{N: n, At: at, Allowed: allowed})
	}
}

func TestComposite(t *testing.T) {
	o := twoLimits()
	fresh := func() refBoth { return refBoth{newReference("gcra", o.Limit), newReference("gcra", o.Also[0])} }
	for _, tc := range []struct {
		name    string
		errs    kind
		limiter func() subject
	}{
		{"correct", 0, func() subject {
			b := fresh()
			return func(at time.Duration, n int64) bool {
				allowed := b.admits(at, n)
				if allowed {
					b.take(at, n)
				}
				return allowed
			}
		}},
		{"looks at the first limit only", falseAdmits, func() subject { return correct(newReference("gcra", o.Limit)) }},
		{"looks at the second limit only", falseAdmits, func() subject { return correct(newReference("gcra", o.Also[0])) }},
		{"charges the first when the second denies", falseDenials, func() subject {
			b := fresh()
			return func(at time.Duration, n int64) bool { return correct(b[0])(at, n) && correct(b[1])(at, n) }
		}},
	} {
		j, err := NewJudge(o)
		if err != nil {
			t.Fatal(err)
		}
		mixed(rand.New(rand.NewPCG(1, 1)), tc.limiter(), o, j.Observe)
		r := j.Report()
		if kindsIn(r) != tc.errs || r.Oracle != "composite" || (r.BurstExcess > 0) != (tc.errs == falseAdmits) {
			t.Errorf("%s: %+v; want errors of kind %b", tc.name, r, tc.errs)
		}
		if tc.errs == 0 && r.RateError != 0 {
			t.Errorf("%s: rate error %v; want 0", tc.name, r.RateError)
		}
	}
}

// What is held is what the tighter limit leaves, and the worse excess is reported.
func TestCompositeHoldsWhatTheTighterLeaves(t *testing.T) {
	j := mustJudge(t, twoLimits())
	for _, o := range []Observation{
		{N: 4, Allowed: true},
		{N: 5, At: time.Hour, Allowed: true},               // of 4
		{N: 4, At: time.Hour + time.Second, Allowed: true}, // 4 + 10 − 5 are capped to 4
		{N: 4, At: time.Hour + 2*time.Second, Allowed: true},
		{N: 4, At: time.Hour + 3*time.Second, Allowed: true},
		{N: 4, At: time.Hour + 4*time.Second, Allowed: true},
		{N: 4, At: time.Hour + 5*time.Second, Allowed: true},
		{N: 4, At: time.Hour + 6*time.Second, Allowed: true}, // 29 of 20 + 10
		{N: 4, At: time.Hour + 7*time.Second, Allowed: true}, // 33 of 20 + 11
	} {
		j.Observe(o)
	}
	r := j.Report()
	if r.FalseAdmits != 2 || r.Violations[0].Held != 4 || r.Violations[1].Held != 2 || r.BurstExcess < 1.33 || r.BurstExcess > 1.34 {
		t.Errorf("%+v; want 5 of 4 and 4 of 2, an excess of 1⅓ over the second limit", r)
	}
}

func TestOptionsAreValidated(t *testing.T) {
	bound := func(time.Duration) int64 { return 1 }
	good := Limit{Rate: 1, Period: 1, Burst: 1}
	for _, tc := range []struct {
		o    Options
		want string // "" for none
	}{
		{Options{Algorithm: "ticker", Limit: good, Bound: bound}, ""},
		{Options{Limit: good, Bound: bound, Resolution: time.Second}, ""},
		{Options{Algorithm: "composite", Limit: good}, ""},
		{Options{Algorithm: "concurrency", Limit: Limit{Burst: 1}}, ""},
		{Options{Algorithm: "concurrency"}, "burst is 0; want at least 1"},
		{Options{Algorithm: "gcra", Limit: good, Also: []Limit{{Rate: 1, Period: 1}}, Resolution: -1}, "burst is 0; want at least 1\nresolution is -1ns; want at least 0"},
		{Options{Algorithm: "fixed-window", Limit: good, Also: []Limit{good}}, `algorithm is "fixed-window" with 2 limits; want a bucket, as only these combine`},
	} {
		_, err := NewJudge(tc.o)
		if got := errorText(err); got != tc.want {
			t.Errorf("%+v: error %q; want %q", tc.o, got, tc.want)
		}
	}
}

func errorText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}
