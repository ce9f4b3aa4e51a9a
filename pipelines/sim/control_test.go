package sim_test

import (
	"cmp"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/fcbench/fcbench/internal/builtin"
	"github.com/fcbench/fcbench/limiters"
	"github.com/fcbench/fcbench/pipelines"
	"github.com/fcbench/fcbench/pipelines/control"
	"github.com/fcbench/fcbench/pipelines/pipelinestest"
	"github.com/fcbench/fcbench/pipelines/sim"
	"github.com/fcbench/fcbench/results"
	"github.com/fcbench/fcbench/targets"
	"github.com/fcbench/fcbench/targets/conformance"
)

func kindOf(t *testing.T, form string) func() (*control.Control, error) {
	return func() (*control.Control, error) { return built(t, form, builtin.Controllers().Build), nil }
}

// TestControlledTargetConforms: whatever changes it, a simulated pipeline keeps the
// promises of a target.
func TestControlledTargetConforms(t *testing.T) {
	for _, kind := range builtin.Controllers().Names() {
		t.Run(kind, func(t *testing.T) {
			c := sim.Config{Stages: []sim.Stage{fixed(2*ms, blocking(5)), fixed(2*ms, blocking(5))}}
			c.Control = sim.Control{New: kindOf(t, kind), Limiter: pipelinestest.Limited(100)}
			conformance.Run(t, func(t *testing.T) targets.Target { return newTarget(t, c) })
		})
	}
}

// TestIntakeLimiter: what the limiter refuses is dropped at the door, with a cause of its own.
func TestIntakeLimiter(t *testing.T) {
	c := sim.Config{Stages: []sim.Stage{fixed(10*ms, blocking(9))}, Control: sim.Control{Limiter: pipelinestest.Limited(100)}}
	same(t, play(t, c, 0, 5*ms, 10*ms, 11*ms), "2 intake-limit 5ms", "1 ok 0s-10ms", "4 intake-limit 11ms", "3 ok 10ms-20ms")
}

// TestCommands: a rate counts from its step on, and off lets all in again.
func TestCommands(t *testing.T) {
	c := sim.Config{Stages: []sim.Stage{fixed(ms, blocking(9))}, Control: sim.Control{Limiter: pipelinestest.Limited(1), New: pipelinestest.Script{
		10 * ms: {Rule: "r", What: control.Limit, To: 50_000}, 60 * ms: {Rule: "r", What: control.Limit, To: 0},
	}.Every(10 * ms)}}
	same(t, play(t, c, 9*ms, 9*ms, 10*ms, 11*ms, 31*ms, 32*ms, 60*ms, 60*ms),
		"1 ok 9ms-10ms", "2 ok 10ms-11ms", "4 intake-limit 11ms", "3 ok 11ms-12ms", "5 ok 31ms-32ms", "6 intake-limit 32ms", "7 ok 60ms-61ms", "8 ok 61ms-62ms")
}

// TestSignal: a source that is asked to slow down holds back what comes, in order, and
// nothing of it is lost; when the signal is over it sends the rest.
func TestSignal(t *testing.T) {
	c := sim.Config{Stages: []sim.Stage{fixed(ms, blocking(9))}, Control: sim.Control{New: pipelinestest.Script{
		10 * ms: {Rule: "r", What: control.Signal, To: 50_000}, 80 * ms: {Rule: "r", What: control.Signal, To: 0},
	}.Every(10 * ms)}}
	target := newTarget(t, c)
	same(t, playOn(t, target, 9*ms, 20*ms, 21*ms, 22*ms, 23*ms, 24*ms),
		"1 ok 9ms-10ms", "2 ok 20ms-21ms", "3 ok 40ms-41ms", "4 ok 60ms-61ms", "5 ok 80ms-81ms", "6 ok 81ms-82ms")
	got := target.(targets.Queued).Pipeline()
	if got.MostHeld != 4 || got.Sensors != "modelled" || len(got.Transitions) != 2 || got.Transitions[1] != (results.Transition{TNS: int64(80 * ms), Rule: "r", Actuator: "signal", From: 50}) {
		t.Errorf("the account is %+v; want 4 held back, and two transitions", got)
	}
}

// TestWorkersChange: more of them serve at once from the step on; fewer finish what
// they have in hand first.
func TestWorkersChange(t *testing.T) {
	s := fixed(20*ms, blocking(9))
	s.Workers = 2
	c := sim.Config{Stages: []sim.Stage{s}, Control: sim.Control{New: pipelinestest.Script{
		10 * ms: {Rule: "r", What: control.Workers, To: 1}, 60 * ms: {Rule: "r", What: control.Workers, To: 3},
	}.Every(10 * ms)}}
	same(t, play(t, c, 0, 0, 0, 0, 0, 0, 0), "1 ok 0s-20ms", "2 ok 0s-20ms", "3 ok 20ms-40ms", "4 ok 40ms-60ms", "5 ok 60ms-80ms", "6 ok 60ms-80ms", "7 ok 60ms-80ms")
}

// TestGoldenControls: what becomes of the same arrivals is the same on every machine under
// every controller, too.
func TestGoldenControls(t *testing.T) {
	golden := map[string]string{
		"doc-literal":  "23a24d8d18af7ae6 10 228.571",
		"calibrated":   "fd36a3a045da282c 8 30.000",
		"slow-down":    "e09aef518b227eb5 32 195.918", // that of block: it makes no difference where one waits
		"dynamic-rate": "39422f1805fa5e9d 39 150.000",
	}
	forms := map[string]string{"doc-literal": "doc-literal:50ms:::::cpu,delay,gc:0.5:100ms:0"}
	for _, kind := range builtin.Controllers().Names() {
		c := goldenConfig(t, "block")
		c.Control = sim.Control{New: kindOf(t, cmp.Or(forms[kind], kind)), Limiter: pipelinestest.Limited(1000)}
		target := newTarget(t, c)
		got := goldenRun(t, target)
		p := target.(targets.Queued).Pipeline()
		if got = fmt.Sprintf("%s %d %.3f", got, len(p.Transitions), *p.ReversalsPerMin); got != golden[kind] {
			t.Errorf("what became of the arrivals under %s is %q; want %q", kind, got, golden[kind])
		}
	}
}

// TestBadControls: what cannot work together is said before anything runs.
func TestBadControls(t *testing.T) {
	shaper := func() (limiters.Limiter, error) {
		return limiters.NewLeakyBucketQueue(limiters.Limit{Rate: 1, Period: time.Second, Burst: 1}.Config())
	}
	large := func() (limiters.Limiter, error) {
		return limiters.NewTokenBucket(limiters.Limit{Rate: 1000, Period: time.Second, Burst: 1 << 30}.Config())
	}
	for want, c := range map[string]sim.Control{
		"limiter is missing":                {New: kindOf(t, "dynamic-rate")},
		"want one that only refuses":        {Limiter: shaper},
		"burst is 1073741824; want at most": {Limiter: large, New: kindOf(t, "dynamic-rate")},
		"least_workers is 2, and the first stage has 1": {New: func() (*control.Control, error) {
			return &control.Control{Settings: control.Settings{Period: 1e9, LeastWorkers: 2}}, nil
		}},
	} {
		_, err := sim.New(sim.Config{Stages: []sim.Stage{fixed(ms, blocking(1))}, Control: c})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error is %v; want it to say %s", err, want)
		}
	}
	if _, err := sim.New(sim.Config{Stages: []sim.Stage{fixed(ms, func() (pipelines.Policy, error) { return nil, nil })}, Control: sim.Control{Limiter: large}}); err != nil {
		t.Errorf("without a control a burst is what it is: %v", err)
	}
}
