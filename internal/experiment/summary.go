package experiment

import (
	"context"
	"fmt"
	"math"
	"time"

	"github.com/fcbench/fcbench/internal/hostinfo"
	"github.com/fcbench/fcbench/internal/runner"
	"github.com/fcbench/fcbench/limiters"
	"github.com/fcbench/fcbench/results"
	"github.com/fcbench/fcbench/targets"
)

// host is what is known about the machine, and the Redis of the runs.
func (r *one) host() results.Environment {
	host := r.Host
	if server := r.Redis(); server != nil && r.Scenario.NeedsRedis() {
		host.Redis = server.String()
	}
	return host
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

// summarise makes the run's line of the result file.
func (r *one) summarise(ctx context.Context, runErr error) (*results.Run, error) {
	var shards []*results.Shard
	for _, relay := range r.relays {
		shards = append(shards, relay.Total())
	}
	run, measured, err := r.describe(r.report, nil, shards)
	if q, ok := r.target.(targets.Queued); ok && r.report.Measured > 0 {
		warmup := r.Scenario.Warmup
		capacity := func(from, to time.Duration) float64 { return q.Capacity(warmup+from, warmup+to) }
		run.AddPipeline(q.Pipeline().From(warmup), capacity)
		measured.FillLeague(run, capacity, func() time.Duration { return r.undisturbed(ctx) })
	}
	r.addAccuracy(run)
	r.spoiled = append(r.spoiled, r.trouble.blame(run.Accuracy)...)
	if r.abort != nil && run.Partial {
		run.Aborted = r.abort.reason
	}
	usage := r.meter.own.Usage()
	addCost(run, usage)
	if !r.time.Simulated() {
		run.Generator = generator(usage)
		measured.FillGenerator(run.Generator)
	}
	if cores := run.Environment.UsableCores(); cores > 0 && float64(r.Scenario.Load.Lanes) > cores {
		run.Warnings = append(run.Warnings, fmt.Sprintf("lanes is %d, and there are %v cores to use: lanes wait for each other, as send delay shows", r.Scenario.Load.Lanes, cores))
	}
	if r.slower > 0 {
		run.Warnings = append(run.Warnings, fmt.Sprintf("injected: every answer took %g %% longer on purpose", 100*r.slower))
	}
	if lost := r.report.Seen.Lost; r.Events != nil && lost > 0 {
		run.Warnings = append(run.Warnings, fmt.Sprintf("event log: %d of %d attempts are missing, which came faster than they could be written", lost, r.report.Seen.Attempts))
	}
	if r.meter.load != nil && run.Offered > 0 { // without arrivals the window never opened
		run.Target = r.meter.load.Usage().Cost(run.Attempts)
		run.Warnings = append(run.Warnings, run.Target.Warnings()...)
	}
	run.Validity = results.Assess(run, r.evidence(usage, measured.Negative(), err, runErr))
	return run, err
}

// describe says what the run is, and what its loops measured of arrivals that are
// not pending.
func (r *one) describe(report runner.Totals, pending []results.Pending, shards []*results.Shard) (*results.Run, *results.Measured, error) {
	s := r.Scenario
	run := &results.Run{
		Schema: results.Schema, Scenario: s.Name, Trial: r.subject.Name, Place: s.Place(r.subject.Name), Params: s.Params, Repeat: r.Repeat, Order: r.Order,
		Time: r.time, Simulated: r.simulated(), InProcess: r.target.Info().Inline != nil,
		Subject: r.subject.JSON(), Workload: s.WorkloadJSON(), Load: s.LoadInfo(), Protocol: s.ProtocolInfo(r.subject),
		Schedule: r.Schedule, StartedAt: r.started.UTC(), Partial: report.Partial, Attempts: report.Attempts, RetriesDenied: report.Denied,
		Environment: r.host(),
	}
	run.Schedule.Requests = r.subject.RequestsDigest()
	options := r.options
	if !r.subject.Steps() { // under several limits it is not known what each key was due
		options.Entitled = entitlement(r.subject.Info(r.target), report.Measured)
	}
	measured, err := results.MergeEnded(options, pending, shards...)
	measured.Fill(run, report.Measured)
	if s.Load.Closed {
		run.Schedule.Arrivals = run.Offered // the number of a closed loop is known only afterwards
	}
	if !r.subject.Limits() {
		run.Decisions = nil
	}
	return run, measured, err
}

func (r *one) simulated() bool {
	return r.subject.Scope == onRedis && r.Redis().Simulated()
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

// generator is how far this process was from being where it was needed.
func generator(u hostinfo.Usage) *results.Generator {
	g := &results.Generator{
		ReceiveCount: u.Receive.Count, ReceiveP50NS: int64(u.Receive.P50), ReceiveP99NS: int64(u.Receive.P99), ReceiveMaxNS: int64(u.Receive.Max),
	}
	if u.RunQueue.Known && u.Wall > 0 {
		g.RunQueueShare = min(1, float64(u.RunQueue.Worst)/float64(u.Wall))
	}
	return g
}

// evidence is what the verdict is based on, besides the run itself.
func (r *one) evidence(u hostinfo.Usage, negative uint64, mergeErr, runErr error) results.Evidence {
	s := r.Scenario
	e := results.Evidence{
		Model: s.Model(), InProcess: r.target.Info().Inline != nil, Virtual: r.time.Simulated(), MaxInFlight: s.Load.MaxInFlight,
		Cores: r.Host.UsableCores(), ThrottledNS: int64(u.Throttled), FileLimit: u.FileLimit, Negative: negative, Spoiled: r.spoiled,
	}
	if !s.Load.Closed {
		e.Scheduled, e.Released = r.Schedule.Arrivals, r.report.Punctual
	}
	if u.Wall > 0 {
		e.ThrottledShare = float64(u.Throttled) / float64(u.Wall)
		e.StealShare = float64(u.Steal) / (float64(u.Wall) * float64(r.Host.Cores))
	}
	if runErr != nil {
		e.TargetErr = runErr.Error()
	}
	if mergeErr != nil {
		e.LoopErr = mergeErr.Error()
	}
	return e
}
