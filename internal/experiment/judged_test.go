package experiment

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/fcbench/fcbench/limiters"
	"github.com/fcbench/fcbench/results"
	"github.com/fcbench/fcbench/targets"
)

// judged is a run of one limiter in virtual time, on ten keys.
func judged(t *testing.T, limiter string) *results.Run {
	t.Helper()
	p := planOf(t, "name: judged\nworkload: {arrivals: 'poisson:300/s', keys: 'uniform:10'}\nsubjects: [{name: it, limiter: "+limiter+"}]\nduration: 10s\n")
	p.Time = results.Virtual
	return collect(t, p)["it"]
}

// innocent says that all was judged and nothing was wrong.
func innocent(t *testing.T, r *results.Run) {
	t.Helper()
	if a := r.Accuracy; a == nil || a.ObservedShare != 1 || a.FalseAdmits != 0 || a.FalseDenials != 0 {
		t.Errorf("accuracy is %+v with warnings %q; want every decision judged and none false", a, r.Warnings)
	}
}

// TestUnkeyedIsJudgedAsOne: one bucket for all keys owes each of them nothing.
func TestUnkeyedIsJudgedAsOne(t *testing.T) {
	r := judged(t, "{kind: x-time-rate, rate: 20/s, burst: 5, bare: true}")
	innocent(t, r)
	if r.Accuracy.BurstExcess != 0 || r.Accuracy.Starvation != nil {
		t.Errorf("accuracy is %+v; want no excess, and nobody starved", r.Accuracy)
	}
	if r := judged(t, "{kind: x-time-rate, rate: 20/s, burst: 5}"); r.Outcomes["ok"] < 1000 {
		t.Errorf("with keys %d were admitted; want ten times as many", r.Outcomes["ok"])
	} else {
		innocent(t, r)
	}
}

// TestMostPerPeriod is beside what was asked for, of buckets and windows alike.
func TestMostPerPeriod(t *testing.T) {
	for limiter, want := range map[string]results.MostPerPeriod{
		"{kind: gcra, rate: 20/s, burst: 5}":                {PeriodNS: 1e9, Admitted: 24, Asked: 20, Burst: 5},
		"{kind: sliding-window-log, rate: 20/s}":            {PeriodNS: 1e9, Admitted: 20, Asked: 20},
		"{kind: fixed-window, rate: 60/m}":                  {PeriodNS: 60e9, Admitted: 60, Asked: 60},
		"{kind: leaky-bucket-queue, rate: 20/s, burst: 20}": {PeriodNS: 1e9, Admitted: 20, Asked: 20, Burst: 20},
		"{kind: x-time-rate, rate: 20/s, burst: 5}":         {PeriodNS: 1e9, Admitted: 24, Asked: 20, Burst: 5},
	} {
		r := judged(t, limiter)
		got := r.Accuracy.MostPerPeriod
		if got == nil || got.Key == "" || got.EndNS == 0 {
			t.Fatalf("%s: %+v; want it of a key", limiter, got)
		}
		if want.Key, want.EndNS = got.Key, got.EndNS; *got != want {
			t.Errorf("%s: %+v; want %+v", limiter, *got, want)
		}
	}
	if r := judged(t, "{kind: concurrency, limit: 5}, hold: 'constant:20ms'"); r.Accuracy.MostPerPeriod != nil {
		t.Errorf("of what is held it is %+v; want none, as there is no rate", r.Accuracy.MostPerPeriod)
	}
}

// TestNoEntitlementWithoutKeys: shares are then of what was offered.
func TestNoEntitlementWithoutKeys(t *testing.T) {
	info := limiters.Info{Limit: limiters.Limit{Rate: 1, Period: time.Second, Burst: 5}}
	if due := entitlement(info, time.Second); due == nil || due(9) != 6 {
		t.Error("with keys each has 6 of 9 for itself")
	}
	info.Unkeyed = true
	if entitlement(info, time.Second) != nil || entitlement(limiters.Info{}, time.Second) != nil {
		t.Error("without keys, or a limit, there is an entitlement; want none")
	}
}

// TestEveryCombinationIsJudged, whatever stands in it and in which order.
func TestEveryCombinationIsJudged(t *testing.T) {
	for _, limits := range []string{
		"{kind: gcra, rate: 20/s, burst: 5}, {kind: fixed-window, rate: 600/m}",
		"{kind: fixed-window, rate: 600/m}, {kind: gcra, rate: 20/s, burst: 5}",
		"{kind: fixed-window, rate: 20/s}, {kind: sliding-window-log, rate: 600/m}",
	} {
		r := judged(t, "{kind: composite, limits: ["+limits+"]}")
		innocent(t, r)
		if c := r.Accuracy.Compared; c == nil || c.RateError > 0.1 || c.RateError < -0.2 {
			t.Errorf("%s: compared with both limits it is %+v", limits, c)
		}
	}
}

// TestChangingLimitIsComparedWithNone: a limit that is raised is no excess over
// what it was, and the same limit kept by others is one to compare with.
func TestChangingLimitIsComparedWithNone(t *testing.T) {
	for _, first := range []string{"{kind: fixed-window, rate: 10/s}", "{kind: gcra, rate: 10/s}"} {
		r := judged(t, "{kind: switchable, first: "+first+", then: [{at: 5s, limiter: {kind: gcra, rate: 100/s, burst: 200}}]}")
		innocent(t, r)
		if r.Accuracy.Compared != nil || r.Accuracy.WorstWindow != nil || r.Accuracy.Starvation != nil {
			t.Errorf("from %s it is compared: %+v", first, r.Accuracy)
		}
	}
	r := judged(t, "{kind: switchable, first: {kind: gcra, rate: 10/s, burst: 5}, then: [{at: 5s, limiter: {kind: token-bucket, rate: 10/s, burst: 5}}]}")
	innocent(t, r)
	if c := r.Accuracy.Compared; c == nil || c.BurstExcess != 0 {
		t.Errorf("of one limit throughout the comparison is %+v; want no excess", c)
	}
}

// TestJudgedByItsHello: a program is judged by what it says once it runs.
func TestJudgedByItsHello(t *testing.T) {
	run := func(more string) *results.Run {
		hello := `{"hello":"fcbench.limiter/v1","algorithm":"gcra"` + more + `}`
		return judged(t, fmt.Sprintf("{kind: exec, rate: 30/s, burst: 5, algorithm: gcra, command: %q}", os.Args[0]+" coarse '"+hello+"'"))
	}
	innocent(t, run(`,"resolution_ns":1000000,"unkeyed":true`))
	if a := run(`,"unkeyed":true`).Accuracy; a.FalseAdmits == 0 {
		t.Errorf("one that hides its resolution: %+v; want false admits", a)
	}
	if a := run(`,"resolution_ns":1000000`).Accuracy; a.FalseDenials == 0 {
		t.Errorf("one that hides that it has one state: %+v; want false denials", a)
	}
}

// TestUnjudgedIsSaid: accuracy is never blank without a word.
func TestUnjudgedIsSaid(t *testing.T) {
	p := planOf(t, twoLimiters)
	opened := anOpened(t, p)
	noop, err := targets.NewNoop(struct{}{})
	if err != nil {
		t.Fatal(err)
	}
	opened.target = noop
	o := mustPrepare(t, p, opened)
	run := new(results.Run)
	o.addAccuracy(run)
	if run.Accuracy != nil || len(run.Warnings) != 1 || !strings.Contains(run.Warnings[0], "not judged: the limiter does not say what it is") {
		t.Errorf("accuracy %+v, warnings %q; want none, and why", run.Accuracy, run.Warnings)
	}
}
