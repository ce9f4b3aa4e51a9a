package live_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/fcbench/fcbench/pipelines"
	"github.com/fcbench/fcbench/pipelines/live"
)

// TestNoneIsGuardedAmongGoroutines: a source that is faster than the workers fills a
// queue without a bound up to 64 MiB of what items say that they weigh, to the byte; what
// comes then is dropped for the guard, and all else goes through.
func TestNoneIsGuardedAmongGoroutines(t *testing.T) {
	const weight, room, more, workers = 1 << 10, 64 << 10, 100, 2
	synctest.Test(t, func(t *testing.T) {
		policy, err := pipelines.NewNone(pipelines.DefaultNoneConfig())
		if err != nil {
			t.Fatal(err)
		}
		clock := stopwatch()
		p, err := live.Start(t.Context(), live.Config{Clock: clock, Stages: []live.Stage{{
			Policy: policy, Workers: workers,
			Work: live.Timed(clock, func(begin time.Duration, _ *pipelines.Item) time.Duration { return begin + ms }),
		}}})
		if err != nil {
			t.Fatal(err)
		}
		synctest.Wait() // the workers stand at the queue, and take what comes first
		for range workers + room + more {
			p.Offer(0, &pipelines.Item{Size: weight, Deadline: time.Hour})
		}
		counts := p.Queue(0).Counts()
		if counts.MostBytes != 64<<20 || counts.MostInside != room || counts.Dropped[pipelines.MemoryGuard] != more {
			t.Errorf("the queue had %d items of %d bytes at most, and the guard dropped %d; want %d of 64 MiB, and %d dropped",
				counts.MostInside, counts.MostBytes, counts.Dropped[pipelines.MemoryGuard], room, more)
		}
		if r := p.Drain(time.Hour); r.Done != workers+room || r.Cut != 0 || r.Cause != nil {
			t.Errorf("it ended with %+v; want %d done", r, workers+room)
		}
	})
}
