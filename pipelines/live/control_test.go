package live_test

import (
	"fmt"
	"reflect"
	"runtime"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/fcbench/fcbench/internal/units"
	"github.com/fcbench/fcbench/pipelines"
	"github.com/fcbench/fcbench/pipelines/control"
	"github.com/fcbench/fcbench/pipelines/live"
	"github.com/fcbench/fcbench/pipelines/pipelinestest"
	"github.com/fcbench/fcbench/pipelines/sim"
	"github.com/fcbench/fcbench/results"
	"github.com/fcbench/fcbench/targets"
)

// controls are those that there are, told to act on little, and one that makes the crew
// smaller and larger.
func controls() map[string]func() (*control.Control, error) {
	literal, calibrated := control.DefaultLiteralConfig(), control.DefaultCalibratedConfig()
	literal.Period, literal.Delay, literal.GCs = 50_000_000, 100_000_000, 0
	calibrated.Period = literal.Period
	return map[string]func() (*control.Control, error){
		"doc-literal":  func() (*control.Control, error) { return control.NewLiteral(literal) },
		"calibrated":   func() (*control.Control, error) { return control.NewCalibrated(calibrated) },
		"slow-down":    func() (*control.Control, error) { return control.NewSlowDown(control.DefaultSlowDownConfig()) },
		"dynamic-rate": func() (*control.Control, error) { return control.NewDynamicRate(control.DefaultRateConfig()) },
		"crew": pipelinestest.Script{
			200 * ms: {Rule: "fewer", What: control.Workers, To: 1}, 600 * ms: {Rule: "more", What: control.Workers, To: 7},
			1000 * ms: {Rule: "fewer", What: control.Workers, To: 2}, 1500 * ms: {Rule: "more", What: control.Workers, To: 3},
		}.Every(50 * ms),
	}
}

// overload sends one request each millisecond for two seconds and waits for all answers.
// It returns what became of them, in the order of their tokens.
func overload(t *testing.T, target targets.Target, env targets.Env) (all []string) {
	t.Helper()
	const n = 2000
	env.InFlight = n
	lane, err := target.Lane(t.Context(), env, 0, 1)
	if err != nil {
		t.Fatal(err)
	}
	all = make([]string, n)
	answered, now := 0, time.Duration(0)
	done := func(token uint32, at time.Duration, r *targets.Response) {
		if all[token] != "" {
			t.Errorf("request %d is answered twice", token)
		}
		answered++
		all[token] = fmt.Sprintf("%v%v at %v", r.Outcome, r.Cause, at)
	}
	for i := range n {
		// Half a millisecond off the instants of steps, so that nothing meets.
		for at := time.Duration(i)*ms + ms/2; now < at; {
			now = lane.Poll(now, at, done)
		}
		lane.Start(now, &targets.Request{Token: uint32(i), Seq: uint64(i), Size: 1 << 14, Intended: now, Deadline: time.Hour}, done)
	}
	for answered < n && now < time.Hour {
		now = lane.Poll(now, now+time.Second, done)
	}
	if err := lane.Close(t.Context()); err != nil || answered != n {
		t.Errorf("%d of %d requests were answered, and the lane closed with %v", answered, n, err)
	}
	return all
}

// TestControlledAsSimulated: on exact timers the same controllers see the same and do
// the same at the same instants as in virtual time; nobody is answered twice or not at
// all, and no goroutine is left.
func TestControlledAsSimulated(t *testing.T) {
	for name, build := range controls() {
		asSimulated(t, name, sim.Config{Stages: []sim.Stage{crowded(t)}, Control: sim.Control{New: build, Limiter: pipelinestest.Limited(400)}})
	}
}

// TestCrewBeforeABroker: so it is where the crew becomes smaller while a consumer fetches
// ahead for it, which pauses then; nothing that was fetched is forgotten.
func TestCrewBeforeABroker(t *testing.T) {
	stage := crowded(t)
	stage.Policy = func() (pipelines.Policy, error) {
		return pipelines.NewBroker(pipelines.BrokerConfig{
			Config: pipelines.Config{Capacity: 5}, Partition: 2000, MaxPoll: 20, Fetch: units.Duration(3700 * time.Microsecond), High: 25, Low: 10, Memory: 1 << 30,
		})
	}
	target := asSimulated(t, "crew", sim.Config{Stages: []sim.Stage{stage}, Control: sim.Control{New: controls()["crew"]}})
	if b := target.(targets.Queued).Pipeline().Broker; b == nil || b.Pauses == 0 || b.Delivered != 2000 {
		t.Errorf("the consumer has %+v; want it to pause, and all 2000 delivered", b)
	}
}

// crowded is a stage of five workers who take up to four at once.
func crowded(t *testing.T) sim.Stage {
	stage := drawn(t, 5, 20)
	stage.Batch, stage.Setup = 4, ms
	return stage
}

// asSimulated holds a controlled pipeline among goroutines to the same in virtual time.
func asSimulated(t *testing.T, name string, c sim.Config) targets.Target {
	t.Helper()
	target := newTarget(t, c)
	want := overload(t, target, targets.Env{Time: results.Virtual, Wait: func(_, until time.Duration) time.Duration { return until }})
	wanted := target.(targets.Queued).Pipeline()
	if len(wanted.Transitions) == 0 {
		t.Errorf("%s changes nothing", name)
	}
	synctest.Test(t, func(t *testing.T) {
		before := runtime.NumGoroutine()
		got := overload(t, target, targets.Env{Time: results.Bubble, Clock: stopwatch(), Wait: func(now, until time.Duration) time.Duration { time.Sleep(until - now); return until }})
		synctest.Wait()
		left := runtime.NumGoroutine() - before
		for range 1_000_000 { // the runtime's count is of no one instant while others end
			if left <= 0 {
				break
			}
			runtime.Gosched()
			left = runtime.NumGoroutine() - before
		}
		if left > 0 {
			t.Errorf("%s leaves %d goroutines behind", name, left)
		}
		if account := target.(targets.Queued).Pipeline(); !slices.Equal(got, want) || !reflect.DeepEqual(account.Transitions, wanted.Transitions) {
			t.Errorf("%s: what became of them differs from virtual time in %d of %d, with %d transitions; want none, and %d",
				name, differing(got, want), len(want), len(account.Transitions), len(wanted.Transitions))
		}
	})
	return target
}

func differing(a, b []string) (n int) {
	for i := range a {
		if a[i] != b[i] {
			n++
		}
	}
	return n
}

// TestCrew: no more than the crew have items in hand, those that are too many finish what
// they have, and all that was sent goes through when it ends.
func TestCrew(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		clock := stopwatch()
		var done atomic.Int64
		p, err := live.Start(t.Context(), live.Config{Clock: clock, Stages: []live.Stage{{
			Policy: block(t, 100), Workers: 4, Work: live.Timed(clock, func(begin time.Duration, _ *pipelines.Item) time.Duration {
				return begin + 10*ms
			}),
		}}, Ends: counting{&done}})
		if err != nil {
			t.Fatal(err)
		}
		for i := range uint32(40) {
			p.Offer(0, &pipelines.Item{Token: i})
		}
		served := func(at time.Duration, want int64) {
			t.Helper()
			time.Sleep(at - clock())
			synctest.Wait()
			if got := done.Load(); got != want {
				t.Errorf("%d are served by %v; want %d", got, at, want)
			}
		}
		served(15*ms, 4)
		p.Queue(0).SetCrew(clock(), 1) // three finish at 20 ms and rest
		served(25*ms, 8)
		served(55*ms, 8+3)
		p.Queue(0).SetCrew(clock(), 3) // two more begin at 55 ms
		served(66*ms, 11+3)
		p.Queue(0).SetCrew(clock(), 2)
		if r := p.Drain(time.Hour); r.Done != 40 || r.Cause != nil {
			t.Errorf("the report is %+v; want all done", r)
		}
	})
}

// counting counts what is done.
type counting struct{ done *atomic.Int64 }

func (c counting) Done(time.Duration, *pipelines.Item)        { c.done.Add(1) }
func (counting) Dropped(time.Duration, []pipelines.Drop)      {}
func (counting) Failed(time.Duration, *pipelines.Item, error) {}
