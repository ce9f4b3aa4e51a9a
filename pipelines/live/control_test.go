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

	"github.com/fcbench/fcbench/limiters"
	"github.com/fcbench/fcbench/pipelines"
	"github.com/fcbench/fcbench/pipelines/control"
	"github.com/fcbench/fcbench/pipelines/live"
	"github.com/fcbench/fcbench/pipelines/sim"
	"github.com/fcbench/fcbench/results"
	"github.com/fcbench/fcbench/targets"
)

func limited(rate int64) func() (limiters.Limiter, error) {
	return func() (limiters.Limiter, error) {
		return limiters.NewTokenBucket(limiters.Limit{Rate: rate, Period: time.Second, Burst: 1}.Config())
	}
}

// controls are those that there are, told to act on little.
func controls() map[string]func() (*control.Control, error) {
	literal, calibrated := control.DefaultLiteralConfig(), control.DefaultCalibratedConfig()
	literal.Period, literal.Delay, literal.GCs = 50_000_000, 100_000_000, 0
	calibrated.Period = literal.Period
	return map[string]func() (*control.Control, error){
		"doc-literal":  func() (*control.Control, error) { return control.NewLiteral(literal) },
		"calibrated":   func() (*control.Control, error) { return control.NewCalibrated(calibrated) },
		"slow-down":    func() (*control.Control, error) { return control.NewSlowDown(control.DefaultSlowDownConfig()) },
		"dynamic-rate": func() (*control.Control, error) { return control.NewDynamicRate(control.DefaultRateConfig()) },
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
		all[token] = fmt.Sprintf("%v%v", r.Outcome, r.Cause)
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
		stage := drawn(t, 5, 20)
		stage.Batch, stage.Setup = 4, ms
		target := newTarget(t, sim.Config{Stages: []sim.Stage{stage}, Control: sim.Control{New: build, Limiter: limited(400)}})
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
	}
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
