package experiment

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fcbench/fcbench/internal/redisproc/redisproctest"
	"github.com/fcbench/fcbench/internal/rounds"
	"github.com/fcbench/fcbench/internal/scenario"
	"github.com/fcbench/fcbench/internal/units"
	"github.com/fcbench/fcbench/results"
)

const ofEveryKind = `name: kinds
duration: %ds
warmup: 1s
repeats: 3
workload: {arrivals: 'poisson:200/s', keys: 'zipf:1.1:20'}
subjects:
  - limiter: {kind: gcra, rate: 5/s, burst: 5}
  - limiter: {kind: redis-gcra, rate: 5/s, burst: 5}
  - limiter: {kind: failsafe-smooth, rate: 5/s}
  - target: {kind: delay, service: 3ms, servers: 1, queue: 20}
`

// lasting is the scenario of two limiters with another window and more repeats.
func lasting(window string, repeats int) string {
	return strings.Replace(twoLimiters, "duration: 20s", fmt.Sprintf("duration: %s\nrepeats: %d", window, repeats), 1)
}

// diary writes down what an observer is told.
type diary struct {
	said []string
	runs []*results.Run
	upon func(Step)
}

func (d *diary) Begin(s Step) {
	d.said = append(d.said, fmt.Sprintf("begin %d of %d: %s, repeat %d", s.Index, s.Of, s.Trial, s.Repeat))
	if d.upon != nil {
		d.upon(s)
	}
}

func (d *diary) End(r *results.Run) {
	d.said = append(d.said, fmt.Sprintf("end %d: %s, repeat %d", r.Order, r.Trial, r.Repeat))
	d.runs = append(d.runs, r)
}

// onCores sets how many cores there are for the rest of a test.
func onCores(t *testing.T, n int) {
	t.Helper()
	before := runtime.GOMAXPROCS(n)
	t.Cleanup(func() { runtime.GOMAXPROCS(before) })
}

func kept(t *testing.T, p *Plan) *diary {
	t.Helper()
	d := &diary{}
	if err := Run(t.Context(), []*Plan{p}, d); err != nil {
		t.Fatal(err)
	}
	return d
}

// TestCoresMakeNoDifference: in virtual time runs are made beside each other, in
// process, on one Redis and in bubbles, and all that shows is that none has a cost.
func TestCoresMakeNoDifference(t *testing.T) {
	redis := redisproctest.Start(t)
	p := planOf(t, fmt.Sprintf(ofEveryKind, rounds.Of(20)))
	p.server, p.Time = redis, results.Virtual
	onCores(t, 1)
	alone := kept(t, p)
	onCores(t, 4)
	beside := kept(t, p)
	if len(alone.said) != 2*12 || !slices.Equal(alone.said, beside.said) {
		t.Errorf("on several cores the observer is told\n%q; want as on one\n%q", beside.said, alone.said)
	}
	for i, r := range alone.runs {
		other := beside.runs[i]
		if len(r.ResultDigest) != 32 || r.ResultDigest != other.ResultDigest {
			t.Errorf("%s, repeat %d: digest is %q on one core and %q on several", r.Trial, r.Repeat, r.ResultDigest, other.ResultDigest)
		}
		if r.Cost.PeakRSSBytes == 0 || other.Cost != (results.Cost{}) {
			t.Errorf("%s, repeat %d: cost is %+v alone and %+v beside others; want some, and none", r.Trial, r.Repeat, r.Cost, other.Cost)
		}
		if r.Offered == 0 || r.Outcomes["ok"] == 0 || r.Validity.Verdict != results.Valid || other.Validity.Verdict != results.Valid {
			t.Errorf("%s, repeat %d: ok %d of %d, %+v and %+v", r.Trial, r.Repeat, r.Outcomes["ok"], r.Offered, r.Validity, other.Validity)
		}
	}
}

// TestRunsAreBesideEachOther: the second begins before the first has been told of.
func TestRunsAreBesideEachOther(t *testing.T) {
	onCores(t, 2)
	p := planOf(t, lasting("1s", 1))
	p.Time = results.Virtual
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	d := &diary{upon: func(s Step) {
		for s.Index == 1 && p.begun() < 2 && ctx.Err() == nil {
			runtime.Gosched()
		}
	}}
	if err := Run(ctx, []*Plan{p}, d); err != nil || p.begun() < 2 || ctx.Err() != nil {
		t.Errorf("%d runs have begun, %v, %v; want both at once", p.begun(), err, ctx.Err())
	}
}

// begun is how many trials have.
func (w *World) begun() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.trials
}

// TestRealTimeIsNotShared: what runs would take from each other shows there.
func TestRealTimeIsNotShared(t *testing.T) {
	onCores(t, 4)
	p := planOf(t, lasting("20ms", 1))
	d := &diary{upon: func(s Step) {
		if n := p.begun(); n != s.Index {
			t.Errorf("%d runs have begun when the observer is told of number %d", n, s.Index)
		}
	}}
	if err := Run(t.Context(), []*Plan{p}, d); err != nil {
		t.Fatal(err)
	}
	for _, r := range d.runs {
		if r.ResultDigest != "" || r.Cost.PeakRSSBytes == 0 {
			t.Errorf("%s has the digest %q and the cost %+v; want no digest and a cost", r.Trial, r.ResultDigest, r.Cost)
		}
	}
}

// TestInterruptedTogether: what was measured beside others when ctx ends is not lost.
func TestInterruptedTogether(t *testing.T) {
	onCores(t, 2)
	p := planOf(t, lasting("1s", 5))
	p.Time, p.Schedule, p.Scenario.Window = results.Virtual, results.ScheduleInfo{Arrivals: 1 << 50}, 876_000*time.Hour
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	d := &diary{upon: func(s Step) {
		for ctx.Err() == nil && results.Look(s.Live).Offered == 0 {
			runtime.Gosched()
		}
		cancel()
	}}
	if err := Run(ctx, []*Plan{p}, d); err != nil {
		t.Fatal(err)
	}
	if n := len(d.runs); n < 1 || n > 2 {
		t.Fatalf("%d runs; want those that had begun, one or two", n)
	}
	for _, r := range d.runs {
		var sum uint64
		for _, n := range r.Outcomes {
			sum += n
		}
		if !r.Partial || sum != r.Offered || len(r.ResultDigest) != 32 {
			t.Errorf("%s is partial %t with outcomes of %d of %d; want a partial run that adds up", r.Trial, r.Partial, sum, r.Offered)
		}
	}
	if first := d.runs[0]; first.Offered == 0 {
		t.Error("nothing is left of the first run")
	}
}

// TestOrderIsOfAllPlans: places count through, every repeat has all, and a plan
// with fewer repeats is missing from the last.
func TestOrderIsOfAllPlans(t *testing.T) {
	a, b := planOf(t, lasting("1s", 2)), planOf(t, lasting("2s", 1))
	var places []int
	for i, j := range Order([]*Plan{a, b}) {
		places = append(places, j.Place)
		if want := 1 + i/4; j.Repeat != want || (j.Place > 2) != (j.Plan == b) {
			t.Errorf("job %d is repeat %d at place %d; want repeat %d, and places 3 and 4 for the second", i+1, j.Repeat, j.Place, want)
		}
	}
	slices.Sort(places)
	if !slices.Equal(places, []int{1, 1, 2, 2, 3, 4}) {
		t.Errorf("places are %v; want each once, and the first two twice", places)
	}
}

// TestPreparedBesideEachOther: each plan has its own schedule, and what is wrong with
// several is said once.
func TestPreparedBesideEachOther(t *testing.T) {
	onCores(t, 4)
	var all []*scenario.Scenario
	for range 5 {
		all = append(all, planOf(t, twoLimiters).Scenario, planOf(t, lasting("1s", 1)).Scenario)
	}
	w := NewWorld("", func(string) {})
	plans, err := w.PrepareAll(t.Context(), all, results.Virtual)
	if err != nil || len(plans) != 10 {
		t.Fatalf("%d plans, %v; want 10", len(plans), err)
	}
	for i, p := range plans {
		if p.Scenario != all[i] || p.Schedule != plans[i%2].Schedule || plans[0].Schedule == plans[1].Schedule {
			t.Errorf("plan %d has the schedule %+v; want that of its scenario, %+v", i, p.Schedule, plans[i%2].Schedule)
		}
	}
	most, err := units.NewRate(1, time.Second)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range all {
		s.MaxRate = most
	}
	if _, err := w.PrepareAll(t.Context(), all, results.Virtual); err == nil || strings.Count(err.Error(), "max_rate") != 1 {
		t.Errorf("error is %v; want one line about max_rate", err)
	}
}
