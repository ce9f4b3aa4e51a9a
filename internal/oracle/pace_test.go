package oracle

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

func TestStarvation(t *testing.T) {
	const s = time.Second
	j := mustNew(t, "gcra", Limit{Rate: 1, Period: s, Burst: 1})
	for _, o := range []Observation{
		{Key: "a", At: 0, Allowed: true},
		{Key: "a", At: s / 2}, // nothing due yet, but the wait begins
		{Key: "a", At: 3 * s}, // due
		{Key: "b", At: 0, Allowed: true},
		{Key: "b", At: 9 * s, Allowed: true}, // nobody asked
		{Key: "b", At: 9*s + s/2},            // nothing due
		{Key: "a", At: 4 * s, Allowed: true},
		{Key: "a", At: 10 * s, Allowed: true},
	} {
		o.N = 1
		j.Observe(o)
	}
	want := Starvation{Key: "a", Start: s / 2, End: 4 * s, Intervals: 3.5}
	if got := j.Report().Starvation; got != want {
		t.Errorf("%+v; want %+v", got, want)
	}
	for at := 11 * s; at < 20*s; at += s / 2 { // and it goes on to the end
		j.Observe(Observation{Key: "b", N: 1, At: at})
	}
	want = Starvation{Key: "b", Start: 9*s + s/2, End: 19*s + s/2, Intervals: 10}
	if got := j.Report().Starvation; got != want {
		t.Errorf("%+v; want %+v", got, want)
	}
}

// An exact bucket never lets anyone wait for what is due.
func TestCorrectBucketStarvesNobody(t *testing.T) {
	for _, l := range limits() {
		j := mustNew(t, "gcra", l)
		traffic{"gcra", l, 3, true, time.Nanosecond}.drive(rand.New(rand.NewPCG(1, 1)), 2000,
			func() subject { return correct(newReference("gcra", l)) }, j.Observe)
		if got := j.Report().Starvation; got != (Starvation{}) {
			t.Errorf("%+v: %+v; want none", l, got)
		}
	}
}

func TestJitterInSaturation(t *testing.T) {
	l := Limit{Rate: 10, Period: time.Second, Burst: 1}
	for _, tc := range []struct {
		name string
		gaps []time.Duration // in turn
		want Jitter
	}{
		{"even", []time.Duration{100}, Jitter{Gaps: 1000, P99: 1}},
		{"two lengths", []time.Duration{50, 150}, Jitter{Gaps: 1000, CV: 0.5, P99: 1.5}},
		{"one in a hundred", append(slices.Repeat([]time.Duration{100}, 99), 1100), Jitter{Gaps: 1000, CV: 0.904534034, P99: 1}},
	} {
		j := mustNew(t, "gcra", l)
		var at time.Duration
		for i := range 1001 {
			j.Observe(Observation{N: 1, At: at, Allowed: true})
			j.Observe(Observation{N: 1, At: at})
			at += tc.gaps[i%len(tc.gaps)] * time.Millisecond
		}
		j.Observe(Observation{Key: "idle", N: 1, At: 0, Allowed: true})
		j.Observe(Observation{Key: "idle", N: 1, At: time.Hour, Allowed: true}) // not saturated
		got := j.Report().Jitter
		if got.Gaps != tc.want.Gaps || math.Abs(got.CV-tc.want.CV) > 1e-6 || got.P99 < tc.want.P99 || got.P99 > tc.want.P99*33/32 {
			t.Errorf("%s: %+v; want %+v, P99 up to 1/32 above", tc.name, got, tc.want)
		}
	}
}

// A shaper is saturated when it makes wait, and its gaps are between departures.
func TestJitterOfAShaper(t *testing.T) {
	j := mustNew(t, "leaky-bucket-queue", Limit{Rate: 10, Period: time.Second, Burst: 9})
	for i := range time.Duration(5) {
		j.Observe(Observation{N: 1, At: 0, Until: i * 100 * time.Millisecond, Allowed: true})
	}
	j.Observe(Observation{N: 1, At: time.Hour, Until: time.Hour, Allowed: true})
	if got := j.Report().Jitter; got.Gaps != 4 || got.CV != 0 {
		t.Errorf("%+v; want four equal gaps", got)
	}
}

func TestFairnessBetweenCallers(t *testing.T) {
	for _, tc := range []struct {
		name string
		got  []int64 // of ten each
		want Fairness
	}{
		{"alone", []int64{10}, Fairness{Callers: 1}},
		{"alike", []int64{5, 5, 5}, Fairness{3, 1}},
		{"one takes all", []int64{10, 0, 0, 0}, Fairness{4, 0.25}},
		{"nothing for all", []int64{0, 0}, Fairness{2, 1}},
	} {
		j := mustNew(t, "fixed-window", Limit{Rate: 100, Period: time.Second})
		for caller, admitted := range tc.got {
			for i := range int64(10) {
				j.Observe(Observation{N: 1, Allowed: i < admitted, Caller: uint32(2 * (caller + 1))}) // not all numbers are used
			}
		}
		j.Observe(Observation{N: 1, Allowed: true})                         // unknown
		j.Observe(Observation{N: 1, Allowed: true, Caller: math.MaxUint32}) // beyond those told apart
		if got := j.Report().Fairness; got != tc.want || len(j.callers) > maxCallers {
			t.Errorf("%s: %+v; want %+v", tc.name, got, tc.want)
		}
	}
}
