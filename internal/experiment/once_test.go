package experiment

import (
	"context"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/fcbench/fcbench/internal/dial"
	"github.com/fcbench/fcbench/internal/hostinfo"
	"github.com/fcbench/fcbench/internal/redisproc"
	"github.com/fcbench/fcbench/internal/rounds"
	"github.com/fcbench/fcbench/internal/scenario"
	"github.com/fcbench/fcbench/internal/strictyaml"
	"github.com/fcbench/fcbench/results"
)

func planOf(t *testing.T, src string) *Plan {
	t.Helper()
	doc, err := strictyaml.Parse("s.yaml", []byte(src))
	if err != nil {
		t.Fatal(err)
	}
	s, err := scenario.New(doc, false)
	if err != nil {
		t.Fatal(err)
	}
	return aPlan(s, nil)
}

// aPlan is one on a Redis that may be there.
func aPlan(s *scenario.Scenario, redis *redisproc.Server) *Plan {
	w := NewWorld("", func(string) {})
	w.server = redis
	dialer, err := dial.New(s.AllowHosts)
	if err != nil {
		panic(err) // a scenario of a test allows no such host
	}
	return &Plan{World: w, Scenario: s, Time: results.Real, Schedule: scheduleOf(s), dialer: dialer}
}

// anOpened is the first subject of a plan, open.
func anOpened(t *testing.T, p *Plan) *Opened {
	t.Helper()
	o, err := p.Open(t.Context(), p, p.Scenario.Subjects[0])
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := o.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return o
}

const twoLimiters = `name: two
workload: {arrivals: 'poisson:500/s', keys: 'zipf:1.1:50', cost: 'uniform:1:3'}
subjects:
  - limiter: {kind: gcra, rate: 20/s, burst: 5}
  - limiter: {kind: sliding-window-log, rate: 20/s}
duration: 20s
`

// TestVirtualRunsAreIdentical: all of a run but when and at what cost it was made.
func TestVirtualRunsAreIdentical(t *testing.T) {
	var all [2]map[string]*results.Run
	for i := range all {
		p := planOf(t, twoLimiters)
		p.Time = results.Virtual
		all[i] = collect(t, p)
		for _, r := range all[i] {
			r.StartedAt, r.Cost = time.Time{}, results.Cost{}
			r.Environment = results.Environment{}
		}
	}
	if !reflect.DeepEqual(all[0], all[1]) {
		t.Errorf("two runs of one seed differ:\n%+v\n%+v", all[0], all[1])
	}
}

// TestQuotaConvicts: what the meter saw of a CPU quota reaches the verdict.
func TestQuotaConvicts(t *testing.T) {
	p := planOf(t, twoLimiters)
	o := mustPrepare(t, p, anOpened(t, p))
	o.report.Punctual = p.Schedule.Arrivals
	run := &results.Run{Offered: p.Schedule.Arrivals, MeasuredNS: int64(10 * time.Second), Outcomes: map[string]uint64{"ok": p.Schedule.Arrivals}}
	usage := hostinfo.Usage{Wall: 10 * time.Second, Throttled: 2 * time.Second}
	if v := results.Assess(run, o.evidence(usage, 0, nil, nil)); v.Verdict != results.Invalid || !strings.Contains(v.Reasons[0], "throttled for 2s") {
		t.Errorf("verdict is %+v; want invalid because of the quota", v)
	}
	usage.Throttled = 0
	if v := results.Assess(run, o.evidence(usage, 0, nil, nil)); v.Verdict != results.Valid {
		t.Errorf("verdict without throttling is %+v", v)
	}
}

// TestStarvedGeneratorConvictsItself: a schedule that no machine can keep up with.
func TestStarvedGeneratorConvictsItself(t *testing.T) {
	millions := rounds.Of(100)
	p := planOf(t, fmt.Sprintf("name: fast\nworkload: {arrivals: 'constant:%dM/s'}\nsubjects: [{target: noop}]\nduration: 25ms\n", millions))
	for _, r := range collect(t, p) {
		if r.Validity.Verdict != results.Invalid || !strings.Contains(r.Validity.Reasons[0], "generator starved") {
			t.Errorf("verdict is %+v; want invalid, starved", r.Validity)
		}
		if r.OfferedPerS > 0.9e6*float64(millions) {
			t.Errorf("offered %.0f/s; want what was really offered, which is less than was asked for", r.OfferedPerS)
		}
	}
}

// mustPrepare is a run of an opened subject in the making.
func mustPrepare(t *testing.T, p *Plan, o *Opened) *one {
	t.Helper()
	r, err := o.prepare(Trial{Plan: p})
	if err != nil {
		t.Fatal(err)
	}
	return r
}
