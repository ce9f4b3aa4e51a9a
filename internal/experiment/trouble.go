package experiment

import (
	"context"
	"errors"
	"math"
	"time"

	"github.com/fcbench/fcbench/internal/faults"
	"github.com/fcbench/fcbench/internal/runner"
	"github.com/fcbench/fcbench/limiters"
	"github.com/fcbench/fcbench/results"
	"github.com/fcbench/fcbench/targets"
)

// trouble is what a run goes through whose Redis is broken on purpose. It stands
// between the loop and its target, to learn the run's clock and to have the faults
// over before the target is closed, and between the loop and its record, to see
// how every request ends.
type trouble struct {
	targets.Target
	runner.Recorder

	plan   faults.Plan
	server faults.Server
	watch  *faults.Watch
	origin time.Duration // the measured window begins

	ctx       context.Context
	clock     faults.Clock
	injection *faults.Injection // nil before it begins
}

func newTrouble(
	plan faults.Plan, server faults.Server, target targets.Target, record runner.Recorder, origin time.Duration, bound func(time.Duration) int64,
) *trouble {
	return &trouble{
		Target: target, Recorder: record, plan: plan, server: server,
		watch: faults.NewWatch(plan, origin, bound), origin: origin,
	}
}

// Open implements [targets.Opener].
func (t *trouble) Open(ctx context.Context, env targets.Env) error {
	t.ctx, t.clock = ctx, faults.Clock{Now: env.Clock, Wait: wait}
	if o, ok := t.Target.(targets.Opener); ok {
		return o.Open(ctx, env)
	}
	return nil
}

// wait returns after d, or when ctx ends.
func wait(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Workers implements [targets.Pooled]: as many as the target has, or as come.
func (t *trouble) Workers() int {
	if p, ok := t.Target.(targets.Pooled); ok {
		return p.Workers()
	}
	return math.MaxInt
}

// Offer implements [runner.Recorder]. With the first arrival of the window the
// faults begin: until the run has begun its clock must not be read.
func (t *trouble) Offer(intended time.Duration, class uint8, keyID uint32, cost int64) {
	if t.injection == nil {
		t.injection = t.plan.Inject(t.ctx, t.server, t.clock, t.origin, t.watch)
	}
	t.Recorder.Offer(intended, class, keyID, cost)
}

// Record implements [runner.Recorder]. What was never sent nobody had to decide.
func (t *trouble) Record(m *results.Sample) {
	t.Recorder.Record(m)
	if m.Outcome == results.Unsent {
		return
	}
	o := faults.Observation{
		Due: m.Intended, Called: m.Started, Done: m.Done, Mode: limiters.Mode(m.Mode), Key: m.KeyID,
		Failed: m.Outcome != results.OK && m.Outcome != results.Rejected,
	}
	if m.Outcome == results.OK {
		o.Admitted = m.Cost
	}
	t.watch.Observe(&o)
}

// Close implements [targets.Closer]. The fault in force, if any, ends before the
// target does, which may have to tell Redis so.
func (t *trouble) Close(ctx context.Context) (err error) {
	if t.injection != nil {
		err = t.injection.Stop()
	}
	if c, ok := t.Target.(targets.Closer); ok {
		err = errors.Join(err, c.Close(ctx))
	}
	return err
}

// settling is how long what a run closed may take to be gone.
const settling = time.Second

// tell writes into run what became of it, once the run is over. It began with so
// many goroutines.
func (t *trouble) tell(ctx context.Context, run *results.Run, goroutines int) {
	if t == nil {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, settling)
	defer cancel()
	left := faults.Left(ctx, goroutines, t.clock)
	run.Faults, run.Goroutines = t.watch.Results(), &left
}

var (
	_ targets.Pooled  = (*trouble)(nil)
	_ runner.Recorder = (*trouble)(nil)
)
