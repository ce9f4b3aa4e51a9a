package experiment

import (
	"context"
	"errors"
	"math"
	"runtime"
	"time"

	"github.com/fcbench/fcbench/internal/hostinfo"
	"github.com/fcbench/fcbench/internal/runner"
	"github.com/fcbench/fcbench/internal/scenario"
	"github.com/fcbench/fcbench/limiters"
	"github.com/fcbench/fcbench/results"
	"github.com/fcbench/fcbench/targets"
)

// one is one run in the making.
type one struct {
	*Plan
	subject scenario.Subject
	target  any
	inline  bool
	options results.Options
	shard   *results.Shard
	trouble *trouble       // nil where nothing is broken on purpose
	judge   scenario.Judge // nil where nothing is judged
	meter   *hostinfo.Meter
	started time.Time
	report  runner.Report
}

// once makes one run. The result is nil only when nothing was measured.
func (p *Plan) once(ctx context.Context, index, of int, job Job, observer Observer) (*results.Run, error) {
	if p.needsBubble(job.Subject) {
		return p.inBubble(ctx, index, of, job, observer)
	}
	goroutines := runtime.NumGoroutine()
	o, err := p.prepare(index, job.Subject)
	if err != nil {
		return nil, err
	}
	s := p.Scenario
	observer.Begin(Step{
		Index: index, Of: of, Trial: job.Subject.Name, Repeat: job.Repeat, Length: s.Warmup + s.Window,
		Expected: p.Schedule.Arrivals, Live: o.shard.Live(),
	})
	o.started = time.Now()
	var runErr error
	if o.report, runErr = runner.Run(ctx, o.trial()); o.report == (runner.Report{}) && runErr != nil {
		return nil, runErr
	}
	run, err := o.summarise(index, job.Repeat, runErr)
	o.trouble.tell(ctx, run, goroutines)
	if err == nil && o.inline && !s.Load.Closed && !p.simulatesTime() && ctx.Err() == nil {
		run.Cost.Saturated, err = p.saturate(ctx, index, job.Subject)
	}
	return run, errors.Join(runErr, err)
}

func (p *Plan) prepare(index int, subject scenario.Subject) (*one, error) {
	s := p.Scenario
	target, err := subject.New(p.env(index, ""))
	if err != nil {
		return nil, err
	}
	o := &one{Plan: p, subject: subject, target: target, meter: hostinfo.NewMeter(time.Now)}
	_, o.inline = target.(targets.Inline)
	o.options = results.Options{
		Warmup: s.Warmup, Window: s.Window, Classes: s.Workload.Classes(),
		Keys: s.Workload.KeyCount(), SLO: s.SLO,
	}
	o.shard = results.NewShard(o.options)
	if plan := s.FaultsOf(subject); len(plan) > 0 {
		o.trouble = newTrouble(plan, p.Redis, target.(targets.Target), o.shard, s.Warmup, subject.Bound())
	}
	if subject.Judged() && !s.Load.Closed {
		o.judge = subject.Judge(target)
	}
	return o, nil
}

// entitlement is what a limiter grants a key that offers so much over the whole
// window: all of it, up to the burst and what flows in. It is nil where no key has
// such a limit to itself.
func entitlement(info limiters.Info, window time.Duration) func(int64) float64 {
	l := info.Limit
	if l.Rate == 0 || info.Unkeyed {
		return nil
	}
	most := float64(max(l.Burst, 1)) + float64(l.Rate)*float64(window)/float64(l.Period)
	return func(offered int64) float64 { return math.Min(float64(offered), most) }
}

func (o *one) trial() runner.Trial {
	s := o.Scenario
	t := runner.Trial{
		Source: o.source(), Target: o.target, Record: o.shard, Judge: o.judge, Meter: o.meter,
		Warmup: s.Warmup, Window: s.Window, Drain: s.Drain, Timeout: s.Timeout,
		MaxInFlight: s.Load.MaxInFlight, Retry: s.Load.Retry, Virtual: o.Virtual, Plain: o.bubble,
	}
	if o.trouble != nil {
		t.Target, t.Record = o.trouble, o.trouble
	}
	return t
}

func (o *one) source() runner.Source {
	s := o.Scenario
	if s.Load.Closed {
		return runner.Closed(s.Workload.Requests(), s.Load.Clients, s.Load.Think, s.Warmup, s.Horizon(), s.Count)
	}
	return runner.Open(s.Workload.Schedule(s.Horizon()), s.Warmup, s.Count)
}

// saturate measures what a decision costs when nothing waits: the same keys on
// fresh state, in a closed loop.
func (p *Plan) saturate(ctx context.Context, index int, subject scenario.Subject) (*results.Saturated, error) {
	target, err := subject.New(p.env(index, "s"))
	if err != nil {
		return nil, err
	}
	return runner.Saturate(ctx, target.(targets.Inline), p.Scenario.Workload.Requests(), hostinfo.CPU)
}

// summarise makes the run's line of the result file.
func (o *one) summarise(index, repeat int, runErr error) (*results.Run, error) {
	s := o.Scenario
	run := &results.Run{
		Schema: results.Schema, Scenario: s.Name, Trial: o.subject.Name, Place: s.Place(o.subject.Name), Repeat: repeat, Order: index,
		Time: "real", Simulated: o.simulated(), InProcess: o.inline,
		Subject: o.subject.JSON(), Workload: s.WorkloadJSON(), Load: s.LoadInfo(), Protocol: s.ProtocolInfo(o.subject),
		Schedule: o.Schedule, StartedAt: o.started.UTC(), Partial: o.report.Partial, Attempts: o.report.Attempts,
	}
	switch {
	case o.Virtual:
		run.Time = "virtual"
	case o.bubble:
		run.Time = "bubble"
	}
	o.options.Entitled = entitlement(o.subject.Info(o.target), o.report.Measured)
	measured, err := results.Merge(o.options, o.shard)
	measured.Fill(run, o.report.Measured)
	if s.Load.Closed {
		run.Schedule.Arrivals = run.Offered // nobody knows beforehand how many there will be
	}
	if !o.subject.Limits() {
		run.Decisions = nil
	}
	o.addAccuracy(run)
	usage := o.meter.Usage()
	addCost(run, usage)
	run.Environment = o.Host
	run.Validity = results.Judge(run, o.evidence(usage, measured.Negative(), err, runErr))
	return run, err
}

func (o *one) simulated() bool {
	return o.subject.Scope == onRedis && o.Redis.Simulated()
}

func (o *one) addAccuracy(run *results.Run) {
	if o.judge == nil {
		return
	}
	r, err := o.judge.Report()
	if err != nil {
		run.Warnings = append(run.Warnings, "accuracy: not judged: "+err.Error())
		return
	}
	run.Accuracy = &results.Accuracy{
		Oracle: r.Oracle, FalseAdmits: uint64(r.FalseAdmits), FalseDenials: uint64(r.FalseDenials),
	}
	if !r.Limitless {
		run.Accuracy.Compared = &results.Compared{RateError: r.RateError, BurstExcess: r.BurstExcess}
	}
	if total := o.report.Observed.Decisions; total > 0 {
		run.Accuracy.ObservedShare = float64(r.Judged) / float64(total)
	}
	if m := r.Most; m.Tokens > 0 {
		run.Accuracy.MostPerPeriod = &results.MostPerPeriod{
			Key: m.Key, EndNS: int64(m.End), PeriodNS: int64(m.Period), Admitted: m.Tokens, Asked: m.Asked, Burst: m.Burst, AtLeast: m.AtLeast,
		}
	}
	if s := r.Starvation; s.End > s.Start {
		run.Accuracy.Starvation = &results.Starvation{Key: s.Key, StartNS: int64(s.Start), EndNS: int64(s.End), Intervals: s.Intervals}
	}
	if j := r.Jitter; j.Gaps > 1 {
		run.Accuracy.Jitter = &results.Jitter{CV: j.CV, P99Intervals: j.P99}
	}
	run.Accuracy.CallersJain = r.Fairness.Jain
	if w := r.WorstWindow; r.BurstExcess > 0 {
		run.Accuracy.WorstWindow = &results.WorstWindow{Key: w.Key, StartNS: int64(w.Start), EndNS: int64(w.End), Admitted: w.Tokens, Bound: w.Bound}
	}
}

func addCost(run *results.Run, u hostinfo.Usage) {
	c := &run.Cost
	if run.Attempts > 0 {
		c.CPUNSPerOp = float64(u.CPU) / float64(run.Attempts)
		c.AllocsPerOp = float64(u.Allocs) / float64(run.Attempts)
	}
	if run.Offered > 0 && u.Wall > 0 { // without arrivals the window never opened
		c.CPUShare = float64(u.CPU) / float64(u.Wall)
	}
	c.GCCycles, c.GCPauseNS, c.PeakRSSBytes = u.GCs, int64(u.GCPause), u.PeakRSS
}

// evidence is what the verdict is based on, besides the run itself.
func (o *one) evidence(u hostinfo.Usage, negative uint64, mergeErr, runErr error) results.Evidence {
	s := o.Scenario
	e := results.Evidence{
		Model: s.Model(), InProcess: o.inline, Virtual: o.simulatesTime(), MaxInFlight: s.Load.MaxInFlight,
		Cores: o.Host.UsableCores(), ThrottledNS: int64(u.Throttled), FileLimit: u.FileLimit, Negative: negative,
	}
	if !s.Load.Closed {
		e.Scheduled, e.Released = o.Schedule.Arrivals, o.report.Punctual
	}
	if u.Wall > 0 {
		e.ThrottledShare = float64(u.Throttled) / float64(u.Wall)
		e.StealShare = float64(u.Steal) / (float64(u.Wall) * float64(o.Host.Cores))
	}
	if runErr != nil {
		e.TargetErr = runErr.Error()
	}
	if mergeErr != nil {
		e.LoopErr = mergeErr.Error()
	}
	return e
}
