package oracle

import (
	"math/rand/v2"
	"testing"
	"time"
)

// saturate asks every step and observes what the deadlines admit: the k-th
// admission comes at due(k).
func saturate(j *Judge, admissions int, step time.Duration, due func(k int64) time.Duration) {
	var k int64
	for at := time.Duration(0); k < int64(admissions); at += step {
		allowed := at >= due(k)
		if allowed {
			k++
		}
		j.Observe(Observation{N: 1, At: at, Allowed: allowed})
	}
}

// Rounding that does not add up is forgiven for ever, and a drift for one step.
func TestResolutionForgivesNoDrift(t *testing.T) {
	l := Limit{Rate: 3_000_000, Period: time.Second, Burst: 1}
	for _, tc := range []struct {
		name       string
		resolution time.Duration
		due        func(k int64) time.Duration
		from, to   int64 // false admits of 1,200
	}{
		{"rounded down", 2, func(k int64) time.Duration { return time.Duration(k * 1000 / 3) }, 0, 0},
		{"rounded down, exact", 1, func(k int64) time.Duration { return time.Duration(k * 1000 / 3) }, 400, 800},
		{"truncated interval", 2, func(k int64) time.Duration { return time.Duration(k * 333) }, 1190, 1194},
		{"truncated interval, in steps", 100, func(k int64) time.Duration { return time.Duration(k * 333) }, 895, 905},
	} {
		j := mustJudge(t, Options{Algorithm: "gcra", Limit: l, Resolution: tc.resolution})
		saturate(j, 1200, 1, tc.due)
		r := j.Report()
		if r.FalseAdmits < tc.from || r.FalseAdmits > tc.to || r.FalseDenials != 0 || (r.BurstExcess > 0) != (tc.from > 0) {
			t.Errorf("%s: %+v; want %d to %d false admits", tc.name, r, tc.from, tc.to)
		}
	}
}

// coarse is a limiter that reads a clock of whole steps, one that began at phase.
func coarse(r reference, step, phase time.Duration) subject {
	return func(at time.Duration, n int64) bool {
		return correct(r)((at+phase)/step*step, n)
	}
}

// A clock of whole steps is forgiven wherever its steps lie, and the limiter
// behind it is still convicted when it is wrong.
func TestCoarseClock(t *testing.T) {
	const step = time.Microsecond
	for _, algorithm := range models() {
		for _, l := range []Limit{
			{Rate: 20, Period: 61 * time.Microsecond, Burst: 30},
			{Rate: 7, Period: 30*time.Microsecond + 333, Burst: 5},
		} {
			for phase := range time.Duration(3) {
				clean := mustJudge(t, Options{Algorithm: algorithm, Limit: l, Resolution: step})
				more := mustJudge(t, Options{Algorithm: algorithm, Limit: l, Resolution: step})
				fewer := mustJudge(t, Options{Algorithm: algorithm, Limit: l, Resolution: step})
				for j, delta := range map[*Judge]int64{clean: 0, more: 2, fewer: -2} {
					l := Limit{Rate: l.Rate + delta, Period: l.Period, Burst: l.Burst + delta}
					tr := traffic{algorithm, l, 1, true, time.Nanosecond}
					tr.drive(rand.New(rand.NewPCG(1, 2)), 3000, func() subject {
						return coarse(newReference(algorithm, l), step, phase*step/3)
					}, j.Observe)
				}
				if r := clean.Report(); r.FalseAdmits+r.FalseDenials != 0 || r.Oracle == "token-bucket" && r.BurstExcess != 0 {
					t.Errorf("%s %+v phase %d: %+v; want no error", algorithm, l, phase, r)
				}
				if r := more.Report(); r.FalseAdmits == 0 {
					t.Errorf("%s %+v: two more are not found: %+v", algorithm, l, r)
				}
				if r := fewer.Report(); r.FalseDenials == 0 {
					t.Errorf("%s %+v: two fewer are not found: %+v", algorithm, l, r)
				}
			}
		}
	}
}

// Over intervals a step widens each of them, and the excess is the same as at instants.
func TestResolutionOverIntervals(t *testing.T) {
	l := Limit{Rate: 20, Period: 61 * time.Microsecond, Burst: 30}
	j := mustJudge(t, Options{Algorithm: "gcra", Limit: l, Resolution: time.Microsecond})
	traffic{"gcra", l, 1, true, time.Nanosecond}.drive(rand.New(rand.NewPCG(1, 2)), 3000, func() subject {
		return coarse(newReference("gcra", l), time.Microsecond, 300)
	}, func(o Observation) {
		o.Called, o.Returned, o.At = o.At, o.At, -1
		j.Observe(o)
	})
	if r := j.Report(); r.FalseAdmits+r.FalseDenials != 0 || r.BurstExcess != 0 {
		t.Errorf("%+v; want no error", r)
	}
	for _, at := range []time.Duration{7, -1} {
		j := mustJudge(t, Options{Algorithm: "gcra", Limit: Limit{Rate: 1, Period: 100, Burst: 1}, Resolution: 10})
		for range 2 {
			j.Observe(Observation{N: 1, At: at, Called: 7, Returned: 7, Allowed: true})
		}
		if r := j.Report(); r.FalseAdmits != 1 || r.BurstExcess != 0.9 || r.WorstWindow.End != 7 {
			t.Errorf("at %d: %+v; want one false admit, an excess of 0.9", at, r)
		}
	}
}

func TestResolutionOfTheOthers(t *testing.T) {
	shaper := mustJudge(t, Options{Algorithm: "leaky-bucket-queue", Limit: Limit{Rate: 1, Period: 100, Burst: 9}, Resolution: 10})
	for _, until := range []time.Duration{10, 90, 211, 289} { // 211 is a nanosecond too late, 289 one too early
		shaper.Observe(Observation{N: 1, Allowed: true, Until: until})
	}
	if r := shaper.Report(); r.FalseAdmits != 1 || r.FalseDenials != 1 {
		t.Errorf("shaper: %+v; want one error of each kind", r)
	}
	held := mustJudge(t, Options{Algorithm: "concurrency", Limit: Limit{Burst: 1}, Resolution: 10})
	for _, o := range []Observation{
		{N: 1, Until: 50, Allowed: true},
		{N: 1, At: 40, Until: 80, Allowed: true}, // may have been given back
		{N: 1, At: 69, Until: 90, Allowed: true}, // 1 ns too early
		{N: 1, At: 99},
		{N: 1, At: 100}, // wrong
	} {
		held.Observe(o)
	}
	if r := held.Report(); r.FalseAdmits != 1 || r.FalseDenials != 1 {
		t.Errorf("concurrency: %+v; want one error of each kind", r)
	}
	line := func(w time.Duration) int64 { return 1 + int64(w)/100 }
	bound := mustJudge(t, Options{Limit: Limit{Rate: 1, Period: 100, Burst: 1}, Bound: line, Resolution: 10})
	for _, at := range []time.Duration{0, 90, 189} {
		bound.Observe(Observation{N: 1, At: at, Allowed: true})
	}
	if r := bound.Report(); r.FalseAdmits != 1 {
		t.Errorf("bound: %+v; want the third one false", r)
	}
}

func TestResolutionDoesNotAllocate(t *testing.T) {
	for _, algorithm := range models() {
		j := mustJudge(t, Options{Algorithm: algorithm, Limit: Limit{Rate: 100, Period: time.Second, Burst: 10}, Resolution: time.Millisecond})
		o := Observation{N: 1}
		observe := func() {
			o.At += 5 * time.Millisecond
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
