package experiment

import (
	"errors"
	"math"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/fcbench/fcbench/generators"
	"github.com/fcbench/fcbench/internal/redisproc"
	"github.com/fcbench/fcbench/internal/redisproc/redisproctest"
	"github.com/fcbench/fcbench/internal/redistest"
	"github.com/fcbench/fcbench/internal/rounds"
	"github.com/fcbench/fcbench/internal/scenario"
	"github.com/fcbench/fcbench/internal/strictyaml"
	"github.com/fcbench/fcbench/results"
	"github.com/fcbench/fcbench/scenarios"
)

// about says what each scenario that comes with fcbench is about, as a check
// of its runs. A scenario without an entry fails.
func about() map[string]func(t *testing.T, runs map[string]*results.Run) {
	return map[string]func(t *testing.T, runs map[string]*results.Run){
		"api-gateway.yaml":         bucketsKeepTheirBurst,
		"channels.yaml":            whoDropsIsInTime,
		"classes.yaml":             batchHasItsOwnLimit,
		"compare-limiters.yaml":    limitersAreRight,
		"edge-sweep.yaml":          onlyTheLogKeepsItsLimit,
		"exact-limit.yaml":         whoIsDueIsServed,
		"flash-sale.yaml":          theStockIsSold,
		"gateway-local.yaml":       theGatewayHoldsTheLimit,
		"gateway-redis.yaml":       theGatewayHoldsTheLimit,
		"gateways.yaml":            sharingHasItsPrice,
		"hot-key.yaml":             noneIsWrong,
		"ladder.yaml":              onlyARateThatFollowsIsInTime,
		"libraries.yaml":           oursIsExact,
		"noisy-neighbour.yaml":     quietIsLeftAlone,
		"overload.yaml":            theStormGoesOn,
		"overloaded-queue.yaml":    thirdIsShed,
		"pressure.yaml":            eachRuleDoesItsPart,
		"redis-down.yaml":          policiesHold,
		"redis-failover.yaml":      whatIsLostIsTakenTwice,
		"retry-herd.yaml":          theHerdComesBack,
		"shape-or-police.yaml":     shapingDelaysWhatPolicingDenies,
		"slow-backend.yaml":        tenAreInFlight,
		"three-level-buffers.yaml": pausingOnDemandCosts,
		"two-limits.yaml":          bothLimitsHold,
		"window-edge.yaml":         onlyTheLogKeepsItsLimit,
	}
}

// TestScenarios runs every scenario of real time on a real redis-server, shortened, and
// holds it to conservation and to what it is about.
func TestScenarios(t *testing.T) {
	redis := redisproctest.Start(t)
	for _, name := range scenarios.Names() {
		if about()[name] == nil {
			t.Errorf("%s has no entry in about; say what it is about", name)
		} else if !virtually(t, name) {
			holdScenario(t, name, redis)
		}
	}
}

// TestVirtualScenarios runs all others as they are. Under the race detector one of four
// is; make test has all without, too.
func TestVirtualScenarios(t *testing.T) {
	redis, every := redisproctest.Start(t), 4/rounds.Of(4)
	for i, name := range scenarios.Names() {
		if about()[name] != nil && i%every == every/2 && virtually(t, name) {
			holdScenario(t, name, redis)
		}
	}
}

func holdScenario(t *testing.T, name string, redis *redisproc.Server) {
	t.Helper()
	t.Run(name, func(t *testing.T) {
		runs := runScenario(t, name, redis)
		for trial, r := range runs {
			conserved(t, trial, r)
		}
		about()[name](t, runs)
	})
}

// virtually reports whether a scenario can be run in virtual time.
func virtually(t *testing.T, name string) bool {
	t.Helper()
	_, s, _ := scenarioOf(t, name)
	return s.CheckVirtual() == nil
}

// scenarioOf reads a scenario, for one run of each subject under one workload, and the
// command that would start the service it is aimed at.
func scenarioOf(t *testing.T, name string) (doc *strictyaml.Node, s *scenario.Scenario, service string) {
	t.Helper()
	doc, err := strictyaml.Parse(name, elsewhere(t, scenarios.Read(name)))
	if err != nil {
		t.Fatal(err)
	}
	if prepare := doc.Get("hooks").Get("prepare"); prepare != nil {
		service = prepare.String()
		doc.Remove("hooks")
	}
	if doc.Get("workloads") != nil {
		doc = underOne(t, doc, "S8", "none", "codel")
	}
	return doc, withSetting(t, doc, "repeats", "1"), service
}

func runScenario(t *testing.T, name string, redis *redisproc.Server) map[string]*results.Run {
	t.Helper()
	doc, s, service := scenarioOf(t, name)
	if service != "" {
		serve(t, service, redis)
	}
	virtual := s.CheckVirtual() == nil
	if !virtual {
		s = shortened(t, doc, s)
	}
	p := aPlan(s, redis)
	if virtual {
		p.Time = results.Virtual
	}
	runs := collect(t, p)
	for trial, r := range runs {
		for _, threshold := range s.Thresholds {
			if c := threshold.Check(r); !c.OK && !excused(r, c) {
				t.Errorf("%s misses its threshold %v with %v", trial, threshold, c.Value)
			}
		}
	}
	return runs
}

// excused is who was late, and says itself that the machine was too busy to measure on.
func excused(r *results.Run, c results.Check) bool {
	return c.Threshold.Metric.Path == "faults.recovery" && !c.NoData && !math.IsInf(c.Value, 1) && tooBusy(r)
}

// tooBusy reports that a run wanted for processor time, as it says itself. That it is not
// valid for another reason, such as what a fault has cost it, is none to be late.
func tooBusy(r *results.Run) bool {
	busy := []string{"generator late", "generator starved", "no core for the generator", "CPU", "garbage collector"}
	return slices.ContainsFunc(r.Validity.Reasons, func(reason string) bool {
		return slices.ContainsFunc(busy, func(begins string) bool { return strings.HasPrefix(reason, begins) })
	})
}

// TestExcused: nothing but being late is, and only who says that there was no time.
func TestExcused(t *testing.T) {
	const late, starved, lost = "generator late: send delay p99 3ms", "CPU steal 7 % (limit 5 %)", "redis lost on purpose what the limiter had stored"
	for _, c := range []struct {
		threshold       string
		reasons         []string
		recovered, want bool
	}{
		{"faults.recovery < 1s", []string{late}, true, true},
		{"faults.recovery < 1s", []string{lost, starved}, true, true},
		{"faults.recovery < 1s", nil, true, false},
		{"faults.recovery < 1s", []string{lost}, true, false},
		{"faults.recovery < 1s", []string{late}, false, false},
		{"goroutines.left == 0", []string{late}, true, false},
	} {
		threshold, err := results.ParseThreshold(c.threshold)
		if err != nil {
			t.Fatal(err)
		}
		r := &results.Run{Goroutines: &results.Goroutines{After: 1}, Faults: []results.Fault{{Reached: true, Recovered: c.recovered, RecoveryNS: 2e9}}}
		r.Validity.Reasons = c.reasons
		if check := threshold.Check(r); check.OK || excused(r, check) != c.want {
			t.Errorf("%+v: the check is %+v and excused %v", c, check, excused(r, check))
		}
	}
}

// elsewhere is a scenario whose own services are on another port, as several tests
// run it at a time.
func elsewhere(t *testing.T, src []byte) []byte {
	t.Helper()
	return regexp.MustCompile(`127\.0\.0\.1:\d+`).ReplaceAll(src, []byte("127.0.0.1:"+redistest.FreePort(t)))
}

// underOne is a document of several workloads under one of them, with some subjects.
func underOne(t *testing.T, doc *strictyaml.Node, names ...string) *strictyaml.Node {
	t.Helper()
	err := scenario.Only(doc, "test", names)
	docs, severalErr := scenario.Several(doc)
	if err = errors.Join(err, severalErr); err != nil {
		t.Fatal(err)
	}
	return docs[0]
}

// shortened is what a scenario in real time is about, in a fraction of a second.
// Of several faults it keeps one that lasts and one that happens at once, with time
// to recover after each.
func shortened(t *testing.T, doc *strictyaml.Node, s *scenario.Scenario) *scenario.Scenario {
	t.Helper()
	if len(s.Faults) == 0 {
		return withSetting(t, doc, "duration", "200ms")
	}
	if len(s.Faults) == 1 {
		doc.Put("faults", strictyaml.Value("test", "[{at: 700ms, kind: "+string(s.Faults[0].Kind)+", for: 200ms}]"))
		return withSetting(t, doc, "duration", "1500ms")
	}
	doc.Put("faults", strictyaml.Value("test", "[{at: 50ms, kind: kill, for: 100ms}, {at: 1300ms, kind: flush-scripts}]"))
	return withSetting(t, doc, "duration", "2200ms")
}

// withSetting changes one value of a document and returns its scenario.
func withSetting(t *testing.T, doc *strictyaml.Node, path, text string) *scenario.Scenario {
	t.Helper()
	if err := doc.Set(path, strictyaml.NewScalar("test", text)); err != nil {
		t.Fatal(err)
	}
	s, err := scenario.New(doc, false)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func scheduleOf(s *scenario.Scenario) (info results.ScheduleInfo) {
	var a generators.Arrival
	for arrivals := s.Workload.Schedule(s.Horizon()); arrivals.Next(&a); {
		if a.At >= s.Warmup {
			info.Arrivals++
		}
	}
	return info
}

// collector keeps the last run of every trial.
type collector map[string]*results.Run

func (collector) Begin(Step)             {}
func (c collector) End(run *results.Run) { c[run.Trial] = run }

func collect(t *testing.T, p *Plan) map[string]*results.Run {
	t.Helper()
	c := collector{}
	if err := Run(t.Context(), []*Plan{p}, c); err != nil {
		t.Fatal(err)
	}
	return c
}

func conserved(t *testing.T, trial string, r *results.Run) {
	t.Helper()
	var sum uint64
	for _, n := range r.Outcomes {
		sum += n
	}
	if r.Offered == 0 || sum != r.Offered || r.Offered != r.Schedule.Arrivals {
		t.Errorf("%s: %d scheduled, %d offered, outcomes sum to %d", trial, r.Schedule.Arrivals, r.Offered, sum)
	}
	if r.Virtual() && r.Validity.Verdict != results.Valid {
		t.Errorf("%s is %s: %v", trial, r.Validity.Verdict, r.Validity.Reasons)
	}
}
