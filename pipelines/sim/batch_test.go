package sim_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/fcbench/fcbench/pipelines"
	"github.com/fcbench/fcbench/pipelines/sim"
	"github.com/fcbench/fcbench/results"
	"github.com/fcbench/fcbench/targets"
)

// batches is a stage of one worker that takes up to n at once.
func batches(n int, setup, service time.Duration, policy func() (pipelines.Policy, error)) sim.Stage {
	s := fixed(service, policy)
	s.Batch, s.Setup = n, setup
	return s
}

// TestBatch: a worker takes who is there, up to its batch, and does not wait for more.
// One that is alone is a batch as well.
func TestBatch(t *testing.T) {
	same(t, play(t, sim.Config{Stages: []sim.Stage{batches(3, 5*ms, ms, blocking(9))}}, 0, 0, 0, 0, 0, 7*ms),
		"1 ok 0s-6ms", "2 ok 6ms-14ms", "3 ok 6ms-14ms", "4 ok 6ms-14ms", "5 ok 14ms-21ms", "6 ok 14ms-21ms")
	// those at the door are let in as there is room, and taken with the rest
	same(t, play(t, sim.Config{Stages: []sim.Stage{batches(3, 5*ms, ms, blocking(1))}}, 0, 0, 0, 0, 0),
		"1 ok 0s-6ms", "2 ok 6ms-14ms", "3 ok 6ms-14ms", "4 ok 6ms-14ms", "5 ok 14ms-20ms")
	// what is too late is no part of it
	expiring := func() (pipelines.Policy, error) { return pipelines.NewExpire(pipelines.DefaultExpireConfig()) }
	same(t, play(t, sim.Config{Stages: []sim.Stage{batches(2, 5*ms, ms, expiring)}, Deadline: 5 * ms}, 0, 0, 0, 4*ms, 5*ms),
		"1 ok 0s-6ms", "2 expired-in-queue 6ms", "3 expired-in-queue 6ms", "4 ok 6ms-13ms", "5 ok 6ms-13ms")
}

// TestBatchPassesOn: a worker hands on what it has served one by one. Where the next
// stage has no room it waits with the one that it has in hand, and the rest behind it.
func TestBatchPassesOn(t *testing.T) {
	row := func(policy func() (pipelines.Policy, error)) sim.Config {
		return sim.Config{Stages: []sim.Stage{batches(4, ms, ms, blocking(9)), fixed(10*ms, policy)}}
	}
	same(t, play(t, row(blocking(1)), 0, 0, 0, 0, 0, 0),
		"1 ok 0s-12ms", "2 ok 2ms-22ms", "3 ok 2ms-32ms", "4 ok 2ms-42ms", "5 ok 2ms-52ms", "6 ok 32ms-62ms")
	same(t, play(t, row(timeout(1, 3*ms)), 0, 0, 0, 0, 0),
		"3 offer-timeout 10ms", "1 ok 0s-12ms", "5 offer-timeout 15ms", "2 ok 2ms-22ms", "4 ok 2ms-32ms")
	same(t, play(t, row(dropping(1)), 0, 0, 0, 0, 0),
		"3 queue-full 7ms", "4 queue-full 7ms", "5 queue-full 7ms", "1 ok 0s-12ms", "2 ok 2ms-22ms")
}

// TestBatchAccount: a batch is as much work as it takes, of which each has a part, and
// the capacity that of full batches.
func TestBatchAccount(t *testing.T) {
	target := newTarget(t, sim.Config{Stages: []sim.Stage{batches(4, 6*ms, ms, blocking(9))}, Deadline: 10 * ms})
	playOn(t, target, 0, 0, 0, 6*ms) // 1 until 7ms; the others until 16ms, of which the first two are late
	got := target.(targets.Queued).Pipeline()
	if got.BusyNS != int64(16*ms) || got.DeadNS != int64(6*ms) {
		t.Errorf("%d ns are busy, %d dead; want 16 ms and 6 ms", got.BusyNS, got.DeadNS)
	}
	if got := target.(targets.Queued).Capacity(0, time.Second); got != 400 {
		t.Errorf("the capacity is %v/s; want 400, of four in 10 ms", got)
	}
	if got := sim.Part(10, 0, 3) + sim.Part(10, 1, 3) + sim.Part(10, 2, 3); got != 10 {
		t.Errorf("the parts of 10 are %d", got)
	}
}

// TestSetBatch: it holds for the next one that is taken, and is refused where it is no
// batch.
func TestSetBatch(t *testing.T) {
	target := newTarget(t, sim.Config{Stages: []sim.Stage{batches(2, 5*ms, ms, blocking(99))}})
	lane, err := target.Lane(context.Background(), targets.Env{Time: results.Virtual, Wait: func(_, until time.Duration) time.Duration { return until }}, 0, 1)
	if err != nil {
		t.Fatal(err)
	}
	var ends []string
	done := func(token uint32, at time.Duration, _ *targets.Response) {
		ends = append(ends, fmt.Sprint(token, " ", at))
	}
	for i := range uint32(8) {
		lane.Start(0, &targets.Request{Token: i, Deadline: time.Hour}, done)
	}
	now := lane.Poll(0, 7*ms, done)
	control := lane.(pipelines.Batcher)
	if err := control.SetBatch(0, 4); err != nil {
		t.Fatal(err)
	}
	for now < time.Second {
		now = lane.Poll(now, time.Second, done)
	}
	same(t, ends, "0 6ms", "1 13ms", "2 13ms", "3 22ms", "4 22ms", "5 22ms", "6 22ms", "7 28ms")
	for _, c := range []struct {
		stage, n int
		want     string
	}{{0, 0, "batch is 0; want 1 to"}, {0, -1, "batch is -1"}, {0, 1<<20 + 1, "batch is 1048577"}, {1, 2, "stage is 1; want 0 to 0"}, {-1, 2, "stage is -1"}} {
		if err := control.SetBatch(c.stage, c.n); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("batches of %d in stage %d: error is %v; want %s", c.n, c.stage, err, c.want)
		}
	}
}

// TestBatchesAllocateNothing once the pipeline has grown.
func TestBatchesAllocateNothing(t *testing.T) {
	target := newTarget(t, sim.Config{Stages: []sim.Stage{batches(3, ms, ms, blocking(9)), batches(2, ms, ms, blocking(2))}})
	lane, err := target.Lane(context.Background(), targets.Env{Time: results.Virtual, Wait: func(_, until time.Duration) time.Duration { return until }}, 0, 1)
	if err != nil {
		t.Fatal(err)
	}
	var r targets.Request
	now, done := time.Duration(0), func(uint32, time.Duration, *targets.Response) {}
	round := func() {
		for i := range uint32(7) {
			r = targets.Request{Token: i, Deadline: now + time.Hour}
			lane.Start(now, &r, done)
		}
		for end := now + 100*ms; now < end; {
			now = lane.Poll(now, end, done)
		}
	}
	if n := testing.AllocsPerRun(100, round); n != 0 {
		t.Errorf("seven requests allocate %v times; want 0", n)
	}
}
