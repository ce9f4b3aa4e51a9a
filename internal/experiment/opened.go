package experiment

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"runtime/debug"
	"sync/atomic"
	"time"

	"github.com/fcbench/fcbench/internal/builtin"
	"github.com/fcbench/fcbench/internal/eventlog"
	"github.com/fcbench/fcbench/internal/hostinfo"
	"github.com/fcbench/fcbench/internal/redisproc"
	"github.com/fcbench/fcbench/internal/runner"
	"github.com/fcbench/fcbench/internal/scenario"
	"github.com/fcbench/fcbench/pipelines/control"
	"github.com/fcbench/fcbench/results"
	"github.com/fcbench/fcbench/targets"
)

// Opened is a subject that load can be sent to, one trial after the other.
type Opened struct {
	world   *World
	subject scenario.Subject
	time    results.Time
	target  targets.Target // nil where a process of its own makes the runs, in a bubble
	slower  float64        // share by which every answer takes longer on purpose
}

// Open makes and connects a subject of the plan. It collects the heap once, so
// that peak memory is the trial's own.
func (w *World) Open(ctx context.Context, p *Plan, s scenario.Subject) (*Opened, error) {
	debug.FreeOSMemory()
	return w.connect(ctx, p, s)
}

// connect opens a subject that may be one of several at once.
func (w *World) connect(ctx context.Context, p *Plan, s scenario.Subject) (*Opened, error) {
	o := &Opened{world: w, subject: s, time: p.timeOf(s)}
	if o.time == results.Bubble && p.Time != results.Bubble {
		return o, nil
	}
	if s.Scope == onRedis {
		if err := w.Ready(ctx, p); err != nil {
			return nil, err
		}
	}
	var err error
	if o.target, err = s.Target(p.env); err != nil {
		return nil, err
	}
	if err := opened(ctx, o.target); err != nil {
		return nil, err
	}
	return o, nil
}

// opened opens a target, and closes one that cannot be, which may have begun to.
func opened(ctx context.Context, t targets.Target) error {
	err := t.Open(ctx)
	if err == nil {
		return nil
	}
	closing, cancel := context.WithTimeout(context.WithoutCancel(ctx), closeWithin)
	defer cancel()
	return errors.Join(err, t.Close(closing))
}

// Slow makes every answer take longer by a share of its own time, which the runs say of
// themselves. Only what answers by itself, in real time, can be slowed.
func (o *Opened) Slow(share float64) error {
	if _, queued := o.target.(targets.Queued); o.target == nil || queued || o.time.Simulated() {
		return &Unfit{fmt.Errorf("%s cannot be slowed on purpose; want a limiter or a service, in real time", o.subject.Name)}
	}
	o.target, o.slower = targets.Slowed(o.target, share), share
	return nil
}

// Close disconnects.
func (o *Opened) Close(ctx context.Context) error {
	if o.target == nil {
		return nil
	}
	return o.target.Close(ctx)
}

// env is what a subject gets from outside for a trial.
func (p *Plan) env(id targets.TrialID) builtin.Env {
	return builtin.Env{
		Seed: p.Scenario.Seed, Redis: p.Redis(), InjectTime: p.Time == results.Virtual, Host: sensors,
		Prefix: fmt.Sprintf("%s:%s:", p.prefix, id), Dialer: p.dialer,
	}
}

// sensors are what the controls of pipelines ask about this process.
func sensors() func() control.Host {
	s := hostinfo.NewSensors()
	return func() control.Host {
		now := s.Read()
		return control.Host{CPU: now.CPU, Millicores: now.Millicores, GCs: now.GCs, GC: now.GC, Sched: now.Runnable.P99}
	}
}

// Trial is one run to be made of an opened subject.
type Trial struct {
	*Plan
	Repeat    int  // from 1
	Order, Of int  // position among the runs, from 1, and how many there are
	Beside    bool // others are made at the same time
	Brief     bool // one of many short trials: without the saturated pass, which takes half a second

	// Stop gives the run up once it is set. Arrivals of an open loop become fewer over Fade
	// then, in the place of none at once, and with FadeOut also after the window.
	Stop    *atomic.Bool
	Fade    time.Duration
	FadeOut bool
}

// one is one run in the making.
type one struct {
	Trial
	*Opened
	id      targets.TrialID
	options results.Options
	relays  []*results.Relay // of each lane
	judge   *judging         // nil where nothing is judged
	trouble *trouble         // nil where nothing is broken on purpose
	abort   *aborting        // nil where nothing makes the run end early
	meter   watched
	started time.Time
	report  runner.Totals
	spoiled []string // what befell the Redis meanwhile
}

// Run makes one run. The result is nil only when nothing was measured.
func (o *Opened) Run(ctx context.Context, t Trial, observer Observer) (*results.Run, error) {
	if o.target == nil {
		return o.inBubble(ctx, t, observer)
	}
	goroutines := runtime.NumGoroutine()
	r, err := o.prepare(t)
	if err != nil {
		return nil, err
	}
	observer.Begin(r.step())
	r.started = time.Now()
	before := r.stats(ctx)
	var runErr error
	if r.report, runErr = runner.Run(ctx, r.trial()); r.report == (runner.Totals{}) && runErr != nil {
		return nil, runErr
	}
	r.spoiled = r.stats(ctx).Since(before).Reasons()
	run, err := r.summarise(ctx, runErr)
	err = errors.Join(err, r.meter.release())
	r.trouble.tell(ctx, run, goroutines)
	r.leftBehind(ctx, run, goroutines)
	if err == nil && !t.Brief && o.target.Info().Inline != nil && !t.Scenario.Load.Closed && !o.time.Simulated() && ctx.Err() == nil {
		run.Cost.Saturated, err = r.saturate(ctx)
	}
	if err == nil && !t.Brief && run.Pipeline != nil && !o.time.Simulated() && ctx.Err() == nil {
		run.Cost.Saturated, err = r.decide(ctx)
	}
	return run, errors.Join(runErr, err)
}

// stats is what the Redis of the run counts of itself; nothing where there is
// none, or where it is broken on purpose.
func (r *one) stats(ctx context.Context) redisproc.Stats {
	if r.subject.Scope != onRedis || r.trouble != nil {
		return redisproc.Stats{}
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), closeWithin)
	defer cancel()
	stats, _ := r.world.Redis().Stats(ctx) // one that does not answer has told the run so already
	return stats
}

func (t Trial) step(s scenario.Subject) Step {
	return Step{
		Index: t.Order, Of: t.Of, Trial: s.Name, Repeat: t.Repeat,
		Length: t.Scenario.Warmup + t.Scenario.Window, Expected: t.Schedule.Arrivals,
	}
}

func (r *one) step() Step {
	step := r.Trial.step(r.subject)
	for _, relay := range r.relays {
		step.Live = append(step.Live, relay.Shard().Live())
	}
	return step
}

func (o *Opened) prepare(t Trial) (*one, error) {
	s := t.Scenario
	r := &one{Trial: t, Opened: o, id: targets.TrialID(fmt.Sprint(o.world.next())), meter: watched{own: hostinfo.NewMeter(time.Now)}}
	r.options = results.Options{
		Warmup: s.Warmup, Window: s.Window, Classes: s.Workload.Classes(),
		Requests: o.subject.Requests(), Phases: o.target.Info().Phases, Keys: s.Workload.KeyCount(), SLO: s.SLO,
	}
	_, r.options.KeyGoodput = o.target.(targets.Queued)
	if !o.time.Simulated() && o.target.Info().Inline == nil { // else there are no answers to take
		r.meter.own.Receiving()
	}
	for range s.Load.Lanes {
		r.relays = append(r.relays, results.NewRelay(r.options))
	}
	if sequence := s.FaultsOf(o.subject); len(sequence) > 0 {
		r.trouble = newTrouble(sequence, o.world.Redis(), s.Warmup, o.subject.Bound())
	}
	if o.subject.Judged() && !s.Load.Closed {
		r.judge = newJudging(o.subject.Oracle(o.target), o.target.Info().Ordered && s.Load.Lanes == 1, o.time)
	}
	if r.Stop == nil {
		r.Stop = new(atomic.Bool)
	}
	if s.Load.Closed || s.Window == 0 {
		r.Fade = 0
	}
	r.abort = newAborting(s.Abort, r.options.Classes, r.options.Requests, r.Stop)
	var err error
	r.meter.load, err = r.observer()
	return r, err
}

// trial is what the runner is told.
func (r *one) trial() runner.Trial {
	s := r.Scenario
	t := runner.Trial{
		ID: r.id, Target: r.target, Lanes: s.Load.Lanes, Source: r.source, Meter: &r.meter,
		Record: func(i int) runner.Recorder { return r.relays[i].Shard() },
		Warmup: s.Warmup, Window: s.Window, Drain: s.Drain, Timeout: s.Timeout,
		Kind: r.subject.Kinds(), MaxInFlight: s.Load.MaxInFlight, Retry: s.Load.Retry, Time: r.time,
		Stop: r.Stop, Fade: r.Fade, FadeOut: r.FadeOut,
	}
	if r.Keep != nil && r.time == results.Real {
		t.Keeper, t.KeepEvery = (*keeper)(r), r.KeepEvery
	}
	if r.Events != nil {
		t.Witnesses = append(t.Witnesses, r.Events.Of(eventlog.Run{
			Trial: r.subject.Name, Repeat: r.Repeat, Warmup: s.Warmup, Classes: s.Workload.Classes(),
		}))
	}
	if r.judge != nil {
		t.Witnesses = append(t.Witnesses, r.judge)
	}
	if r.abort != nil {
		t.Witnesses = append(t.Witnesses, r.abort)
	}
	if r.trouble != nil {
		t.Witnesses, t.During = append(t.Witnesses, r.trouble), r.trouble.during
	}
	return t
}

// source is shard i of n of what arrives.
func (r *one) source(i, n int) runner.Source {
	s := r.Scenario
	if s.Load.Closed {
		clients, count := targets.Share(s.Load.Clients, i, n), targets.Share(int(s.Count), i, n)
		return runner.Closed(s.Workload.RequestShard(i, n), clients, s.Load.Think, s.Warmup, s.Horizon(), uint64(count))
	}
	var end uint64
	if s.Count > 0 {
		end = r.first + s.Count
	}
	return runner.Open(s.Workload.Shard(s.Horizon()+r.Fade, i, n), end)
}

// saturate measures what a decision costs when nothing waits: the same keys on
// fresh state, in a closed loop.
func (r *one) saturate(ctx context.Context) (sat *results.Saturated, err error) {
	if err = r.target.Begin(ctx, r.id+"s"); err == nil {
		sat, err = runner.Saturate(ctx, r.target.Info().Inline, r.Scenario.Workload.Requests(), r.Scenario.Window, hostinfo.CPU)
	}
	return sat, errors.Join(err, r.target.End(context.WithoutCancel(ctx)))
}

// decide measures what the decisions of a pipeline's first queue cost an item, over the
// same keys, when no worker is there.
func (r *one) decide(ctx context.Context) (*results.Saturated, error) {
	d, err := r.target.(targets.Queued).Decider()
	if err != nil {
		return nil, err
	}
	return runner.Saturate(ctx, d, r.Scenario.Workload.Requests(), r.Scenario.Window, hostinfo.CPU)
}
