package live_test

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/fcbench/fcbench/pipelines"
	"github.com/fcbench/fcbench/pipelines/live"
)

// TestExpand: copies keep a consumer busy, are none of what was done, and do not keep
// the pipeline from ending.
func TestExpand(t *testing.T) {
	policy := func() pipelines.Policy {
		p, err := pipelines.NewExpand(pipelines.Config{Capacity: 2})
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	work := func(clock func() time.Duration) live.Work {
		return live.Timed(clock, func(begin time.Duration, _ *pipelines.Item) time.Duration { return begin + 10*ms })
	}
	synctest.Test(t, func(t *testing.T) {
		clock, e := stopwatch(), ends{}
		p, err := live.Start(t.Context(), live.Config{Clock: clock, Ends: e, Stages: []live.Stage{{Policy: policy(), Workers: 1, Work: work(clock)}}})
		if err != nil {
			t.Fatal(err)
		}
		p.Offer(0, &pipelines.Item{Token: 1})
		time.Sleep(45 * ms)
		p.Offer(clock(), &pipelines.Item{Token: 2})
		time.Sleep(50 * ms)
		if r := p.Drain(time.Second); r.Done != 2 || r.Offered != 2 || r.Cut != 0 || e["done"] != 2 || r.Cause != nil {
			t.Errorf("the report is %+v, the ends are %v; want 2 done", r, e)
		}
		if got := p.Queue(0).Counts(); got.Extrapolated != 8 || got.Taken != 2 {
			t.Errorf("%d were taken, and %d copies; want 2 and 8", got.Taken, got.Extrapolated)
		}
	})
	_, err := live.Start(t.Context(), live.Config{Clock: stopwatch(), Stages: []live.Stage{{Policy: policy(), Workers: 1, Work: work(nil)}, {Policy: policy(), Workers: 1, Work: work(nil)}}})
	if err == nil || !strings.Contains(err.Error(), "the queue before stage 1 hands out copies; want it before the last stage, 2") {
		t.Errorf("error is %v", err)
	}
}
