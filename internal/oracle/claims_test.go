package oracle

import (
	"testing"
	"time"
)

// TestOneKey: a limiter that does not look at keys is right to count them
// together, and wrong to count them apart.
func TestOneKey(t *testing.T) {
	limit := Limit{Rate: 20, Period: time.Second, Burst: 5}
	for _, tc := range []struct {
		name   string
		oneKey bool
		apart  bool // the limiter has a bucket per key
		errs   kind
	}{
		{"one for all", true, false, 0},
		{"one per key", false, true, 0},
		{"one for all, that claims one per key", false, false, falseDenials},
		{"one per key, that claims one for all", true, true, falseAdmits},
	} {
		t.Run(tc.name, func(t *testing.T) {
			j := mustJudge(t, Options{Algorithm: "gcra", Limit: limit, OneKey: tc.oneKey})
			buckets := map[string]subject{}
			for i := range 10_000 {
				o := Observation{Key: string(rune('a' + i%7)), N: 1, At: time.Duration(i) * 3 * time.Millisecond}
				of := o.Key
				if !tc.apart {
					of = "all"
				}
				if buckets[of] == nil {
					buckets[of] = correct(newReference("gcra", limit))
				}
				o.Allowed = buckets[of](o.At, o.N)
				j.Observe(o)
			}
			if r := j.Report(); kindsIn(r) != tc.errs || r.Judged != 10_000 {
				t.Errorf("report is %+v; want errors of kind %b", r, tc.errs)
			}
		})
	}
}

// TestMixedLimits: limits that no exact model joins are held to their bound, and
// compared with all of them, windows by a burst of their rate.
func TestMixedLimits(t *testing.T) {
	l, window := Limit{Rate: 20, Period: time.Second, Burst: 5}, Limit{Rate: 40, Period: time.Minute}
	for _, limits := range [][]Limit{{l, window}, {window, l}} {
		j := mustJudge(t, Options{Algorithm: "gcra + fixed-window", Limit: limits[0], Also: limits[1:], Bound: lineBound(l)})
		for range 2 * l.Burst {
			j.Observe(Observation{N: 1, Allowed: true})
		}
		r := j.Report()
		if r.Oracle != "bound" || r.FalseAdmits != l.Burst || r.BurstExcess != 5 || r.Entitled != l.Burst || r.RateError != 1 {
			t.Errorf("%v: report is %+v; want 5 false admits, 5 beyond the burst, 10 of 5 admitted", limits, r)
		}
	}
}

// TestLimitless: where nobody asked for one limit there is a bound to keep, and
// nothing to compare with.
func TestLimitless(t *testing.T) {
	l := Limit{Rate: 20, Period: time.Second, Burst: 5}
	for _, unknown := range []bool{false, true} {
		j := mustJudge(t, Options{Algorithm: "switchable", Bound: lineBound(l)})
		limiter := correct(newReference("gcra", l))
		for i := range 2000 {
			at := time.Duration(i) * 7 * time.Millisecond
			o := Observation{N: 1, At: at, Called: at, Returned: at, Allowed: limiter(at, 1) || i/3 == 333}
			if unknown {
				o.At = -1
			}
			j.Observe(o)
		}
		r := j.Report()
		if !r.Limitless || r.FalseAdmits == 0 || r.FalseDenials != 0 || r.Judged != 2000 {
			t.Errorf("report is %+v; want 2000 judged, and that there were three too many", r)
		}
		if r.Entitled != 0 || r.RateError != 0 || r.BurstExcess != 0 || r.WorstWindow != (Window{}) || r.Starvation != (Starvation{}) {
			t.Errorf("report is %+v; want nothing compared with a limit", r)
		}
	}
	faster := mustJudge(t, Options{Bound: lineBound(l)})
	limiter := correct(newReference("gcra", Limit{Rate: 21, Period: time.Second, Burst: 5}))
	for i := range 8000 {
		at := time.Duration(i) * 7 * time.Millisecond
		faster.Observe(Observation{N: 1, At: at, Allowed: limiter(at, 1)})
	}
	if r := faster.Report(); r.FalseAdmits == 0 {
		t.Errorf("report is %+v; want a rate above the bound's found", r)
	}
	for _, o := range []Options{{Algorithm: "gcra"}, {Algorithm: "switchable"}} {
		if _, err := NewJudge(o); err == nil {
			t.Errorf("%+v was accepted; want a limit, or a bound", o)
		}
	}
	with := mustJudge(t, Options{Algorithm: "gcra", Limit: l})
	without := mustJudge(t, Options{Bound: lineBound(l)})
	for range 5 {
		for class, j := range []*Judge{with, without} {
			j.Observe(Observation{N: 1, Class: uint8(class), Allowed: true})
		}
	}
	if r := (Classes{with, without}).Report(); !r.Limitless || r.RateError != 0 || r.Admitted != 10 {
		t.Errorf("report is %+v; want 10 admitted and nothing compared, as of one class nothing can be", r)
	}
}
