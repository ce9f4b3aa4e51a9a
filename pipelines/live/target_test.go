package live_test

import (
	"context"
	"reflect"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/fcbench/fcbench/generators"
	"github.com/fcbench/fcbench/internal/seed"
	"github.com/fcbench/fcbench/internal/units"
	"github.com/fcbench/fcbench/pipelines"
	"github.com/fcbench/fcbench/pipelines/live"
	"github.com/fcbench/fcbench/pipelines/sim"
	"github.com/fcbench/fcbench/results"
	"github.com/fcbench/fcbench/targets"
	"github.com/fcbench/fcbench/targets/conformance"
)

func newTarget(t *testing.T, c sim.Config) targets.Target {
	t.Helper()
	target, err := live.New(c)
	if err != nil {
		t.Fatal(err)
	}
	return target
}

// drawn is a stage whose service is drawn, about 10 ms.
func drawn(t *testing.T, workers int, capacity units.Count) sim.Stage {
	t.Helper()
	law, err := generators.NewExponentialLaw(generators.ExponentialLawConfig[units.Duration]{Mean: units.Duration(10 * ms)})
	if err != nil {
		t.Fatal(err)
	}
	return sim.Stage{
		Policy: func() (pipelines.Policy, error) { return block(t, capacity), nil }, Workers: workers, Mean: float64(10 * ms),
		Service: func(seq uint64) time.Duration { return time.Duration(law.Draw(seed.New(1), seq)) },
	}
}

// TestTargetConforms: in virtual time it is the simulation.
func TestTargetConforms(t *testing.T) {
	conformance.Run(t, func(t *testing.T) targets.Target {
		return newTarget(t, sim.Config{Stages: []sim.Stage{drawn(t, 2, 5)}})
	})
}

// allAtOnce starts n requests at 0 and returns when the last one is answered, by the
// world's clock.
func allAtOnce(t *testing.T, target targets.Target, env targets.Env, n int) (last time.Duration) {
	t.Helper()
	env.InFlight = n
	lane, err := target.Lane(t.Context(), env, 0, 1)
	if err != nil {
		t.Fatal(err)
	}
	answered := 0
	done := func(token uint32, at time.Duration, r *targets.Response) {
		answered++
		if r.Outcome != results.OK || r.Started > at {
			t.Errorf("request %d, begun at %v, is %v at %v", token, r.Started, r.Outcome, at)
		}
		last = max(last, at)
	}
	for i := range n {
		lane.Start(0, &targets.Request{Token: uint32(i), Seq: uint64(i), Deadline: time.Hour}, done)
	}
	for now := time.Duration(0); answered < n && now < time.Hour; {
		now = lane.Poll(now, time.Hour, done)
	}
	if err := lane.Close(t.Context()); err != nil || answered != n {
		t.Errorf("%d of %d requests were answered, and the lane closed with %v", answered, n, err)
	}
	return last
}

// account is what the latest trial came to.
func account(t *testing.T, target targets.Target) results.Pipeline {
	t.Helper()
	got := target.(targets.Queued).Pipeline()
	if got.BusyNS == 0 || target.(targets.Queued).Capacity(0, time.Second) == 0 || got.MostQueued == 0 {
		t.Errorf("the account is %+v; want one", got)
	}
	return got
}

// TestTargetIsTimelyAsSimulated: on exact timers everything ends when it does in
// virtual time.
func TestTargetIsTimelyAsSimulated(t *testing.T) {
	const n = 500
	target := newTarget(t, sim.Config{Stages: []sim.Stage{drawn(t, 4, 10), drawn(t, 4, 1), drawn(t, 3, 10)}})
	virtual := allAtOnce(t, target, targets.Env{Time: results.Virtual, Wait: func(_, until time.Duration) time.Duration { return until }}, n)
	want := account(t, target)
	synctest.Test(t, func(t *testing.T) {
		took := allAtOnce(t, target, targets.Env{Time: results.Bubble, Clock: stopwatch(), Wait: func(now, until time.Duration) time.Duration { time.Sleep(until - now); return until }}, n)
		if got := account(t, target); took != virtual || !reflect.DeepEqual(got, want) {
			t.Errorf("%d items took %v, with %+v; want %v and %+v", n, took, got, virtual, want)
		}
	})
}

// TestBrokerIsTimelyAsSimulated: a consumer that pauses does so at the same instants among
// goroutines, and its pipeline ends when all has been fetched.
func TestBrokerIsTimelyAsSimulated(t *testing.T) {
	const n = 500
	fetching := drawn(t, 4, 1)
	fetching.Policy = func() (pipelines.Policy, error) {
		c := pipelines.BrokerConfig{Config: pipelines.Config{Capacity: 5}, Partition: n, MaxPoll: 20, Fetch: units.Duration(30 * ms), High: 25, Low: 10, Memory: 1 << 20}
		return pipelines.NewBroker(c)
	}
	target := newTarget(t, sim.Config{Stages: []sim.Stage{fetching}})
	virtual := allAtOnce(t, target, targets.Env{Time: results.Virtual, Wait: func(_, until time.Duration) time.Duration { return until }}, n)
	want := account(t, target)
	if b := want.Broker; b == nil || b.Pauses == 0 || b.Fetched <= b.Delivered || b.Delivered != n {
		t.Errorf("the account is %+v; want pauses, and %d delivered", b, n)
	}
	synctest.Test(t, func(t *testing.T) {
		took := allAtOnce(t, target, targets.Env{Time: results.Bubble, Clock: stopwatch(), Wait: func(now, until time.Duration) time.Duration { time.Sleep(until - now); return until }}, n)
		got := account(t, target)
		if took != virtual || *got.Broker.RefetchRatio != *want.Broker.RefetchRatio {
			t.Errorf("%d items took %v, %v fetched of 1; want %v and %v", n, took, *got.Broker.RefetchRatio, virtual, *want.Broker.RefetchRatio)
		}
		if got.Broker.RefetchRatio, want.Broker.RefetchRatio = nil, nil; *got.Broker != *want.Broker {
			t.Errorf("the levels had %+v; want %+v", got.Broker, want.Broker)
		}
		policy, _ := fetching.Policy()
		clock := stopwatch()
		p, err := live.Start(t.Context(), live.Config{Clock: clock, Stages: []live.Stage{{Policy: policy, Workers: 4, Work: live.Timed(clock, func(begin time.Duration, _ *pipelines.Item) time.Duration { return begin + 10*ms })}}})
		if err != nil {
			t.Fatal(err)
		}
		for range 100 {
			p.Offer(0, &pipelines.Item{})
		}
		if r := p.Drain(time.Hour); r.Done != 100 || r.Cut != 0 || r.Cause != nil || clock() > time.Second {
			t.Errorf("it ended after %v with %+v; want all 100 done soon", clock(), r)
		}
	})
}

// TestLatenessDoesNotAddUp: timers that are late by 2.5 ms on average, for services
// of 10 ms, leave the capacity what it is in virtual time.
func TestLatenessDoesNotAddUp(t *testing.T) {
	const n = 2000
	for name, stages := range map[string][]sim.Stage{
		"one stage":    {drawn(t, 4, 10)},
		"one place":    {drawn(t, 4, 1)},
		"three stages": {drawn(t, 4, 10), drawn(t, 4, 10), drawn(t, 3, 10)},
	} {
		target := newTarget(t, sim.Config{Stages: stages})
		virtual := allAtOnce(t, target, targets.Env{Time: results.Virtual, Wait: func(_, until time.Duration) time.Duration { return until }}, n)
		synctest.Test(t, func(t *testing.T) {
			c := live.Config{Clock: stopwatch()}
			for _, s := range stages {
				policy, _ := s.Policy()
				c.Stages = append(c.Stages, live.Stage{Policy: policy, Workers: s.Workers, Work: late(c.Clock, s)})
			}
			p, err := live.Start(t.Context(), c)
			if err != nil {
				t.Fatal(err)
			}
			for i := range uint32(n) {
				p.Offer(0, &pipelines.Item{Token: i})
			}
			if r := p.Drain(time.Hour); r.Done != n || r.Cause != nil {
				t.Errorf("%s: the report is %+v; want all done", name, r)
			}
			if off := float64(c.Clock()-virtual) / float64(virtual); off < -0.01 || off > 0.01 {
				t.Errorf("%s: %d items took %v, and %v in virtual time; want them within 1 %%", name, n, c.Clock(), virtual)
			}
		})
	}
}

// late is the service of a stage, with timers that are late by up to 5 ms.
func late(clock func() time.Duration, s sim.Stage) live.Work {
	timed := live.Timed(clock, func(begin time.Duration, it *pipelines.Item) time.Duration {
		return begin + s.Service(uint64(it.Token))
	})
	return func(ctx context.Context, begin time.Duration, it *pipelines.Item) (time.Duration, error) {
		end, err := timed(ctx, begin, it)
		time.Sleep(5 * ms * time.Duration(it.Token*7%11) / 10)
		return end, err
	}
}

// TestLaneEndsWithItsTrial: requests that are still there are discarded, and nobody
// is left behind, also where workers stand still.
func TestLaneEndsWithItsTrial(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		still := drawn(t, 3, 2)
		still.Pace.Changes = []sim.Change{{}}
		lane, err := newTarget(t, sim.Config{Stages: []sim.Stage{drawn(t, 3, 2), still}}).Lane(t.Context(), targets.Env{
			Time: results.Bubble, InFlight: 50, Clock: stopwatch(),
		}, 0, 1)
		if err != nil {
			t.Fatal(err)
		}
		for i := range uint32(50) {
			lane.Start(0, &targets.Request{Token: i, Deadline: time.Hour}, nil)
		}
		time.Sleep(time.Minute)
		began := time.Now()
		if err := lane.Close(context.Background()); err != nil || time.Since(began) > live.Grace {
			t.Errorf("it closed with %v after %v; want it at once", err, time.Since(began))
		}
	})
}

// TestEndedContext: a lane whose context has ended answers all the same.
func TestEndedContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		lane, err := newTarget(t, sim.Config{Stages: []sim.Stage{drawn(t, 3, 2)}}).Lane(ctx, targets.Env{Time: results.Bubble, InFlight: 1, Clock: stopwatch()}, 0, 1)
		if err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		var outcome results.Outcome
		lane.Start(0, &targets.Request{}, nil)
		lane.Poll(0, time.Second, func(_ uint32, _ time.Duration, r *targets.Response) { outcome = r.Outcome })
		if err := lane.Close(ctx); err != nil || outcome != results.Failed {
			t.Errorf("it answers %v, and closes with %v; want failed, and no error", outcome, err)
		}
	})
}

// TestBadConfig: all that is wrong is said at once.
func TestBadConfig(t *testing.T) {
	_, err := live.Start(t.Context(), live.Config{Stages: []live.Stage{{Workers: 0}, {Workers: 1 << 30}, {Batch: -1}, {Batch: 2, Work: live.Timed(nil, nil)}}})
	for _, want := range []string{
		"clock is missing", "workers is 0 in stage 1; want 1 to", "workers is 1073741824 in stage 2", "stage 2 lacks a policy or work",
		"batch is -1 in stage 3; want 1 to 1048576", "work on one item stands beside batches in stage 4; want Together alone",
	} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error is %v; want it to say %s", err, want)
		}
	}
	if _, err := live.Start(t.Context(), live.Config{}); err == nil || !strings.Contains(err.Error(), "there are 0 stages") {
		t.Errorf("error is %v; want it to say that there are no stages", err)
	}
	if _, err := live.New(sim.Config{}); err == nil {
		t.Error("a target without stages is made")
	}
}
