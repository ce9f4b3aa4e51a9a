package experiment

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/fcbench/fcbench/internal/faults"
	"github.com/fcbench/fcbench/internal/runner"
	"github.com/fcbench/fcbench/limiters"
	"github.com/fcbench/fcbench/results"
	"github.com/fcbench/fcbench/targets"
)

// trouble breaks the Redis of a run on purpose, and watches what that does to
// every attempt.
type trouble struct {
	sequence faults.Sequence
	server   faults.Server
	watch    *faults.Watch
	origin   time.Duration // the measured window begins
	clock    faults.Clock
}

func newTrouble(sequence faults.Sequence, server faults.Server, origin time.Duration, bound func(time.Duration) int64) *trouble {
	return &trouble{sequence: sequence, server: server, watch: faults.NewWatch(sequence, origin, bound), origin: origin}
}

// during brings the faults about. The one in force at the end, if any, ends
// before the target does, which may have to tell Redis so.
func (t *trouble) during(ctx context.Context, clock targets.Clock) (stop func() error) {
	t.clock = faults.Clock{Now: clock, Wait: targets.Sleep}
	return t.sequence.Inject(ctx, t.server, t.clock, t.origin, t.watch).Stop
}

// See implements [runner.Witness]. Arrivals that were never sent are left out: no
// decision was asked for.
func (t *trouble) See(a *runner.Attempt) {
	if a.Number == 0 || !a.Measured {
		return
	}
	o := faults.Observation{
		Due: a.Due, Called: a.Called, Done: a.Returned, Mode: limiters.Mode(a.Mode), Key: a.KeyID,
		Failed: a.Outcome != results.OK && a.Outcome != results.Rejected,
	}
	if a.Outcome == results.OK {
		o.Admitted = a.Cost
	}
	t.watch.Observe(&o)
}

// Settled implements [runner.Witness].
func (*trouble) Settled(time.Duration) {}

// blame says whose fault false admits may be, where Redis lost on purpose what the
// limiter had stored: the limiter cannot know.
func (t *trouble) blame(a *results.Accuracy) []string {
	if t == nil || a == nil || a.FalseAdmits == 0 {
		return nil
	}
	forgot := faults.Forgot(t.watch.Results())
	if len(forgot) == 0 {
		return nil
	}
	return []string{fmt.Sprintf("redis lost on purpose what the limiter had stored (%s): the %d false admits say nothing against the limiter, they are the server's fault",
		strings.Join(forgot, "; "), a.FalseAdmits)}
}

// goneWithin is how long goroutines may take to end once a run has closed what they serve.
const goneWithin = time.Second

// tell writes into run what became of it, once the run is over. It began with so
// many goroutines.
func (t *trouble) tell(ctx context.Context, run *results.Run, goroutines int) {
	if t == nil {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, goneWithin)
	defer cancel()
	left := faults.Left(ctx, goroutines, t.clock)
	run.Faults, run.Goroutines = t.watch.Results(), &left
}

var _ runner.Witness = (*trouble)(nil)
