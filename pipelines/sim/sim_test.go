package sim_test

import (
	"context"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fcbench/fcbench/internal/units"
	"github.com/fcbench/fcbench/pipelines"
	"github.com/fcbench/fcbench/pipelines/sim"
	"github.com/fcbench/fcbench/results"
	"github.com/fcbench/fcbench/targets"
	"github.com/fcbench/fcbench/targets/conformance"
)

const ms = time.Millisecond

// fixed is a stage of one worker that takes as long for everything.
func fixed(service time.Duration, policy func() (pipelines.Policy, error)) sim.Stage {
	return sim.Stage{Policy: policy, Workers: 1, Service: func(uint64) time.Duration { return service }, Mean: float64(service)}
}

func blocking(capacity units.Count) func() (pipelines.Policy, error) {
	return func() (pipelines.Policy, error) { return pipelines.NewBlock(pipelines.Config{Capacity: capacity}) }
}

func timeout(capacity units.Count, d time.Duration) func() (pipelines.Policy, error) {
	return func() (pipelines.Policy, error) {
		return pipelines.NewOfferTimeout(pipelines.OfferTimeoutConfig{Config: pipelines.Config{Capacity: capacity}, Timeout: units.Duration(d)})
	}
}

func dropping(capacity units.Count) func() (pipelines.Policy, error) {
	return func() (pipelines.Policy, error) {
		return pipelines.NewDropNewest(pipelines.Config{Capacity: capacity})
	}
}

func newTarget(t *testing.T, c sim.Config) targets.Target {
	t.Helper()
	target, err := sim.New(c)
	if err != nil {
		t.Fatal(err)
	}
	return target
}

// TestTargetConforms: a simulated pipeline keeps the promises of a target.
func TestTargetConforms(t *testing.T) {
	for name, c := range map[string]sim.Config{
		"drops":     {Stages: []sim.Stage{fixed(2*ms, dropping(20))}, Deadline: 30 * ms},
		"blocks":    {Stages: []sim.Stage{fixed(2*ms, blocking(5))}},
		"times out": {Stages: []sim.Stage{fixed(2*ms, timeout(5, 7*ms))}},
		"batches":   {Stages: []sim.Stage{batches(3, ms, ms, blocking(5)), batches(2, ms, ms, timeout(1, 2*ms))}},
		"in a row":  {Stages: []sim.Stage{fixed(ms, blocking(5)), fixed(3*ms, timeout(1, 2*ms)), fixed(2*ms, blocking(1))}},
	} {
		t.Run(name, func(t *testing.T) {
			conformance.Run(t, func(t *testing.T) targets.Target { return newTarget(t, c) })
		})
	}
}

// play starts a request at each instant and lets all end. It returns a line for
// each, such as "3 ok 5ms-9ms".
func play(t *testing.T, c sim.Config, at ...time.Duration) []string {
	t.Helper()
	return playOn(t, newTarget(t, c), at...)
}

func playOn(t *testing.T, target targets.Target, at ...time.Duration) (lines []string) {
	t.Helper()
	now := time.Duration(0)
	lane, err := target.Lane(context.Background(), targets.Env{
		Time: results.Virtual, Wait: func(_, until time.Duration) time.Duration { return until },
	}, 0, 1)
	if err != nil {
		t.Fatal(err)
	}
	done := func(token uint32, at time.Duration, r *targets.Response) {
		line := fmt.Sprintf("%d %v %v-%v", token, r.Outcome, r.Started, at)
		if r.Cause != "" {
			line = fmt.Sprintf("%d %v %v", token, r.Cause, at)
		}
		lines = append(lines, line)
	}
	for i, at := range at {
		for now < at {
			now = lane.Poll(now, at, done)
		}
		lane.Start(now, &targets.Request{Token: uint32(i + 1), Seq: uint64(i), Size: 100, Now: now, Intended: now, Deadline: now + time.Hour}, done)
	}
	for range 1000 {
		now = lane.Poll(now, 10*time.Second, done)
	}
	return lines
}

func same(t *testing.T, got []string, want ...string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("what became of them is\n\t%s\nwant\n\t%s", strings.Join(got, "\n\t"), strings.Join(want, "\n\t"))
	}
}

// TestDoorOfTheFirstQueue: who waits outside is served in turn.
func TestDoorOfTheFirstQueue(t *testing.T) {
	same(t, play(t, sim.Config{Stages: []sim.Stage{fixed(10*ms, blocking(1))}}, 0, 0, 0, 0),
		"1 ok 0s-10ms", "2 ok 10ms-20ms", "3 ok 20ms-30ms", "4 ok 30ms-40ms")
	same(t, play(t, sim.Config{Stages: []sim.Stage{fixed(10*ms, timeout(1, 10*ms))}}, 0, 0, 0, 0),
		"1 ok 0s-10ms", "4 offer-timeout 10ms", "2 ok 10ms-20ms", "3 ok 20ms-30ms")
	same(t, play(t, sim.Config{Stages: []sim.Stage{fixed(10*ms, dropping(1))}}, 0, 0, 0, 10*ms),
		"3 queue-full 0s", "1 ok 0s-10ms", "2 ok 10ms-20ms", "4 ok 20ms-30ms")
}

// TestPressureGoesBack: a slow last stage holds up the workers of those before it,
// and who holds them up gives them back by leaving as well.
func TestPressureGoesBack(t *testing.T) {
	same(t, play(t, sim.Config{Stages: []sim.Stage{fixed(ms, blocking(1)), fixed(10*ms, blocking(1))}}, 0, 0, 0, 0, 0),
		"1 ok 0s-11ms", "2 ok 1ms-21ms", "3 ok 2ms-31ms", "4 ok 11ms-41ms", "5 ok 21ms-51ms")
	same(t, play(t, sim.Config{Stages: []sim.Stage{fixed(ms, blocking(1)), fixed(10*ms, timeout(1, 2*ms))}}, 0, 0, 0, 0, 0),
		"3 offer-timeout 5ms", "4 offer-timeout 8ms", "1 ok 0s-11ms", "2 ok 1ms-21ms", "5 ok 8ms-31ms")
}

// TestSeveralWorkers: each worker has one in hand.
func TestSeveralWorkers(t *testing.T) {
	s := fixed(10*ms, blocking(1))
	s.Workers = 2
	same(t, play(t, sim.Config{Stages: []sim.Stage{s}}, 0, ms, 2*ms), "1 ok 0s-10ms", "2 ok 1ms-11ms", "3 ok 10ms-20ms")
}

// TestUnbuffered: without a buffer only who is in a worker's hands is inside, and
// who passes something on waits for who takes it.
func TestUnbuffered(t *testing.T) {
	meets := func() (pipelines.Policy, error) { return pipelines.NewUnbuffered(struct{}{}) }
	same(t, play(t, sim.Config{Stages: []sim.Stage{fixed(10*ms, meets)}}, 0, 0, 5*ms, 40*ms),
		"1 ok 0s-10ms", "2 ok 10ms-20ms", "3 ok 20ms-30ms", "4 ok 40ms-50ms")
	same(t, play(t, sim.Config{Stages: []sim.Stage{fixed(ms, meets), fixed(10*ms, meets)}}, 0, 0, 0),
		"1 ok 0s-11ms", "2 ok 1ms-21ms", "3 ok 11ms-31ms")
}

// TestDeadline: of the caller's and the pipeline's, the earlier one holds.
func TestDeadline(t *testing.T) {
	expiring := func() (pipelines.Policy, error) { return pipelines.NewExpire(pipelines.DefaultExpireConfig()) }
	same(t, play(t, sim.Config{Stages: []sim.Stage{fixed(10*ms, expiring)}, Deadline: 15 * ms}, 0, 0, 0, 6*ms),
		"1 ok 0s-10ms", "2 ok 10ms-20ms", "3 expired-in-queue 20ms", "4 ok 20ms-30ms")
}

// TestPace: changes hold for what is being served, too, and workers that stand
// still go on where they were.
func TestPace(t *testing.T) {
	s := fixed(10*ms, blocking(9))
	s.Pace.Changes = []sim.Change{{At: 5 * ms, Slower: 3 * sim.One}, {At: 35 * ms}, {At: 100 * ms, Slower: sim.One / 2}}
	same(t, play(t, sim.Config{Stages: []sim.Stage{s}}, 0, 0, 0),
		"1 ok 0s-20ms", "2 ok 20ms-102.5ms", "3 ok 102.5ms-107.5ms")
	s.Pace = sim.Pace{Drift: sim.One / 100}
	same(t, play(t, sim.Config{Stages: []sim.Stage{s}}, 0, 2*time.Second), "1 ok 0s-10ms", "2 ok 2s-2.0102s")
	s.Pace = sim.Pace{Changes: []sim.Change{{At: 5 * ms}}}
	same(t, play(t, sim.Config{Stages: []sim.Stage{s}}, 0))
}

// TestAccount: work is dead that ends too late, at whichever stage, and that on what
// was dropped after it.
func TestAccount(t *testing.T) {
	account := func(c sim.Config, from, to time.Duration, at ...time.Duration) results.Pipeline {
		target := newTarget(t, c)
		playOn(t, target, at...)
		out := target.(targets.Queued).Pipeline()
		out.CapacityPerS = target.(targets.Queued).Capacity(from, to)
		return out
	}
	want := func(what string, got, want results.Pipeline) {
		t.Helper()
		if math.Abs(got.CapacityPerS-want.CapacityPerS) > 1e-3*want.CapacityPerS {
			t.Errorf("%s: the capacity is %v/s; want %v", what, got.CapacityPerS, want.CapacityPerS)
		}
		got.CapacityPerS, want.CapacityPerS = 0, 0
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%s: the account is %+v; want %+v", what, got, want)
		}
	}
	one := sim.Config{Stages: []sim.Stage{fixed(10*ms, blocking(1))}, Deadline: 25 * ms}
	want("late", account(one, 0, time.Second, 0, 0, 0, 0), results.Pipeline{
		CapacityPerS: 100, BusyNS: int64(40 * ms), DeadNS: int64(20 * ms), MostQueued: 1, MostAtDoor: 2, MemoryBytes: 300, SojournP99NS: int64(10 * ms),
	})
	row := sim.Config{Stages: []sim.Stage{fixed(ms, blocking(9)), fixed(10*ms, dropping(1))}}
	want("dropped later", account(row, 0, time.Second, 0, 0, 0, 0), results.Pipeline{
		CapacityPerS: 100, BusyNS: int64(24 * ms), DeadNS: int64(2 * ms), MostQueued: 3, MemoryBytes: 300, SojournP99NS: int64(9 * ms),
	})
	paced := fixed(10*ms, blocking(1))
	paced.Workers, paced.Pace.Changes = 4, []sim.Change{{At: time.Second, Slower: 2 * sim.One}, {At: 2 * time.Second}, {At: 3 * time.Second, Slower: sim.One}}
	want("slower, and still", account(sim.Config{Stages: []sim.Stage{paced}}, 500*ms, 4500*ms), results.Pipeline{CapacityPerS: 400 * 2.5 / 4})
	paced.Pace = sim.Pace{Drift: sim.One / 100}
	want("drift", account(sim.Config{Stages: []sim.Stage{paced}}, 0, 60*time.Second), results.Pipeline{CapacityPerS: 400 * math.Log(1.6) / 0.6})
}

// TestBadConfig: all that is wrong is said at once.
func TestBadConfig(t *testing.T) {
	s := fixed(ms, blocking(1))
	s.Workers, s.Mean = 0, 0
	s.Batch, s.Setup = -2, -ms
	s.Pace = sim.Pace{Drift: -1, Changes: []sim.Change{{At: 5, Slower: -1}, {At: 5, Slower: sim.One}}}
	_, err := sim.New(sim.Config{Stages: []sim.Stage{s}, Deadline: -1})
	for _, want := range []string{
		"deadline is -1ns; want 0s or more", "workers is 0 in stage 1; want 1 to 1048576", "service takes 0ns on average in stage 1; want more", "drift is -1 millionths a second",
		"batch is -2 in stage 1; want 1 to 1048576", "setup is -1ms in stage 1; want 0s or more",
		"change at 5ns; want each later", "service is -1 millionths times as long from 5ns on",
	} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error is %v; want it to say %s", err, want)
		}
	}
	if _, err := sim.New(sim.Config{}); err == nil || !strings.Contains(err.Error(), "there are 0 stages; want 1 to 64") {
		t.Errorf("error is %v; want it to say that there are no stages", err)
	}
}
