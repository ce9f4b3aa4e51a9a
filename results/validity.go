package results

import (
	"fmt"
	"maps"
	"slices"
	"time"
)

// Evidence is what a run's record does not say about how it was made.
type Evidence struct {
	Model       string  // "open" or "closed"
	InProcess   bool    // an inline subject: what counts is its decision time
	Virtual     bool    // time was simulated
	Scheduled   uint64  // arrivals that the schedule held in the window; 0 when there was no schedule
	Released    uint64  // of those, how many were handed over before the window ended, or at most 100 ms later
	MaxInFlight int     // the cap on requests in flight
	Cores       float64 // that this process may use

	ThrottledNS    int64   // the process stood still for its CPU quota
	ThrottledShare float64 // likewise, as a share of the window
	StealShare     float64 // of the machine's CPU time, taken by its host

	FileLimit uint64 // as many files as this process may have open at once; 0 for none or unknown

	Negative  uint64   // samples with instants out of order
	TargetErr string   // the target broke or could not be closed
	Spoiled   []string // what befell what the target stands on, whose fault it is, and what helps
	LoopErr   string   // the loop ended early, or its counts do not add up

	Unended bool // the run was not ended: this is what was known of it while it went on
	Pending int  // arrivals that were in flight then, and are left out
}

// The limits of the rules, each named after what it bounds. Shares are of 1.
const (
	unsentInvalid     = 0.01
	receiveSuspect    = 200 * time.Microsecond
	receiveInvalid    = 400 * time.Microsecond
	receiveTail       = 2 * time.Millisecond
	receiveTailGrave  = 10 * time.Millisecond
	receiveShare      = 0.10 // of the same percentile of response.ok
	receiveGrave      = 0.20
	receiveTailShare  = 0.20
	receiveTailWorst  = 0.50
	ownSuspect        = 200 * time.Microsecond
	ownInvalid        = 400 * time.Microsecond
	ownTail           = 2 * time.Millisecond
	ownTailGrave      = 10 * time.Millisecond
	watchedEnough     = 0.99
	ownShare          = 0.20 // of the same percentile of response.ok
	ownGrave          = 0.50
	queueSuspect      = 0.10
	queueInvalid      = 0.40
	delaySuspect      = time.Millisecond
	delaySuspectShare = 0.10 // of response.ok.p99
	delayInvalid      = 10 * time.Millisecond
	delayInvalidShare = 0.50 // of response.ok.p99
	delayInProcess    = 100 * time.Millisecond
	offeredAtLeast    = 0.99
	clippedInvalid    = 0.001
	throttledInvalid  = 0.01
	stealSuspect      = 0.05
	gcPauseSuspect    = 0.01
	cpuSuspect        = 0.90
	cpuWindow         = time.Second // in less, a share says more about the start of the run
)

// Assess gives the run's verdict on itself. It is a pure function of the record
// and the evidence.
//
//	rule                                        suspect                  invalid
//	nothing offered                                                      always
//	offered is not the sum of outcomes                                   always
//	instants out of order                                                any
//	loop error                                                           any
//	the generator lacked descriptors, ports, memory                      any
//	target error                                any
//	the target's server lost keys, failed over  any
//	partial, or not ended                       always
//	unsent share of offered, generator late     > 0                      > 1 %
//	unsent, generator on time: the target's     any
//	clipped share of one histogram              > 0                      > 0.1 %
//	sent in time, of scheduled; open loop, whole run                     < 99 %
//
// and, in real time only:
//
//	send delay p99; open loop                   > 1 ms and               > 10 ms and
//	                                            > 10 % of response.ok.p99  > 50 % of response.ok.p99
//	send delay p99; open loop, in process       > 100 ms
//	receive delay p50; not in process           > 0.2 ms and             > 0.4 ms and
//	                                            > 10 % of response.ok.p50  > 20 % of response.ok.p50
//	receive delay p99; not in process           > 2 ms and               > 10 ms and
//	                                            > 20 % of response.ok.p99  > 50 % of response.ok.p99
//	response.ok.p50, less what it is without    > 0.2 ms and             > 0.4 ms and
//	the generator's own delay, where known      > 20 % of it             > 50 % of it
//	response.ok.p99, likewise                   > 2 ms and               > 10 ms and
//	                                            > 20 % of it             > 50 % of it
//	run-queue delay of one of our threads;      > 10 % of the window     > 40 %
//	not in process
//	CPU quota, share of the window throttled    > 0                      > 1 %
//	CPU time stolen by the host                 > 5 %
//	garbage collector's pauses, of the window   > 1 %
//	CPU of this process; open loop, or not in
//	process; window of at least 1 s             > 90 % of its cores
//
// Receive delay is how late the process took what was there, as an answer is: see
// [Generator]. It is looked at now and then, and the generator's own delay in every
// answer, where that is known: a hundred answers have a p99 that two of them make, which
// looks at other instants may well miss. Then receive delay is not judged.
func Assess(run *Run, e Evidence) Validity {
	var j judgement
	j.accounts(run, e)
	j.ownFaults(run, e)
	j.clipped(run)
	before := j.count()
	j.starved(run, e)
	if !e.Virtual {
		j.late(run, e)
		j.deaf(run, e)
		j.own(run)
		j.machine(run, e)
	}
	j.unsent(run, e, j.count() == before)
	return j.validity()
}

// judgement collects reasons.
type judgement struct{ suspect, invalid []string }

func (j *judgement) suspectIf(condition bool, format string, args ...any) {
	if condition {
		j.suspect = append(j.suspect, fmt.Sprintf(format, args...))
	}
}

func (j *judgement) invalidIf(condition bool, format string, args ...any) {
	if condition {
		j.invalid = append(j.invalid, fmt.Sprintf(format, args...))
	}
}

// graded is suspect, or invalid when it is grave.
func (j *judgement) graded(suspect, invalid bool, format string, args ...any) {
	j.invalidIf(invalid, format, args...)
	j.suspectIf(suspect && !invalid, format, args...)
}

// validity lists the gravest reasons first.
func (j *judgement) validity() Validity {
	v := Validity{Verdict: Valid, Reasons: append(slices.Clip(j.invalid), j.suspect...)}
	switch {
	case len(j.invalid) > 0:
		v.Verdict = Invalid
	case len(j.suspect) > 0:
		v.Verdict = Suspect
	default:
		v.Reasons = []string{}
	}
	return v
}

// accounts is about runs that broke or do not add up.
func (j *judgement) accounts(run *Run, e Evidence) {
	var ended uint64
	for _, n := range run.Outcomes {
		ended += n
	}
	j.invalidIf(run.Offered == 0, "nothing offered: the window of %s held no arrival", Short(time.Duration(run.MeasuredNS)))
	j.invalidIf(run.Offered != ended, "counts do not add up: %d arrivals offered, %d with an outcome", run.Offered, ended)
	j.invalidIf(e.Negative > 0, "clock or harness fault: %d samples with instants out of order", e.Negative)
	j.invalidIf(e.LoopErr != "", "loop: %s", e.LoopErr)
	j.suspectIf(e.TargetErr != "", "target: %s", e.TargetErr)
	for _, reason := range e.Spoiled {
		j.suspectIf(true, "%s", reason)
	}
	j.suspectIf(run.Partial && !e.Unended, "partial: ended after %s with %s arrivals offered", Short(time.Duration(run.MeasuredNS)), ofScheduled(run, e))
	j.suspectIf(e.Unended, "partial: the run was not ended; this is what was known after %s: %s arrivals, without %d that were in flight",
		Short(time.Duration(run.MeasuredNS)), ofScheduled(run, e), e.Pending)
}

func ofScheduled(run *Run, e Evidence) string {
	if e.Scheduled == 0 {
		return fmt.Sprint(run.Offered)
	}
	return fmt.Sprintf("%d of %d", run.Offered, e.Scheduled)
}

// count is how many reasons there are.
func (j *judgement) count() int { return len(j.suspect) + len(j.invalid) }

// unsent is about arrivals for which there was no room in flight. Where nothing
// says that the generator was late, it is the target that left so many waiting.
func (j *judgement) unsent(run *Run, e Evidence, onTime bool) {
	n := run.Outcomes[Unsent.String()]
	if onTime {
		j.suspectIf(n > 0, "target overloaded: %d requests waited for it, and %d of %d arrivals found no room; the generator was on time (a higher max_in_flight shows more)",
			e.MaxInFlight, n, run.Offered)
		return
	}
	j.graded(n > 0, float64(n) > unsentInvalid*float64(run.Offered),
		"in-flight cap %d reached: %d of %d arrivals unsent (limit %s)", e.MaxInFlight, n, run.Offered, percent(unsentInvalid))
}

// clipped is about durations beyond the range of their histogram. It names the
// histogram that lost the largest share.
func (j *judgement) clipped(run *Run) {
	var worst *Latency
	var name string
	for _, h := range run.Latency.all() {
		if h.Clipped > 0 && (worst == nil || h.clippedShare() > worst.clippedShare()) {
			worst, name = h.Latency, h.path
		}
	}
	if worst != nil {
		j.graded(true, worst.clippedShare() > clippedInvalid, "histogram clipped: %d of %d values of %s beyond its range (limit %s)",
			worst.Clipped, worst.Count, name, percent(clippedInvalid))
	}
}

func (l *Latency) clippedShare() float64 { return float64(l.Clipped) / float64(max(l.Count, 1)) }

// starved is about an open loop that did not get through its schedule.
func (j *judgement) starved(run *Run, e Evidence) {
	short := float64(e.Released) < offeredAtLeast*float64(e.Scheduled)
	j.invalidIf(e.Model == "open" && !run.Partial && short,
		"generator starved: %d of %d scheduled arrivals sent by the end of the window (limit %s)", e.Released, e.Scheduled, percent(offeredAtLeast))
}

// late is about the generator's own delay, which is part of every response time.
func (j *judgement) late(run *Run, e Evidence) {
	if e.Model != "open" {
		return
	}
	delay := run.Latency.SendDelayP99()
	if e.InProcess {
		j.suspectIf(delay > delayInProcess, "generator starved: send delay p99 %s (limit %s)", Short(delay), Short(delayInProcess))
		return
	}
	var response time.Duration
	against := "nothing was ok"
	if ok := run.Latency.Response[OK.String()]; ok != nil {
		response = time.Duration(ok.P99NS)
		against = "response.ok.p99 " + Short(response)
	}
	limit := max(delaySuspect, part(response, delaySuspectShare))
	grave := max(delayInvalid, part(response, delayInvalidShare))
	if delay > grave {
		limit = grave
	}
	j.graded(delay > limit, delay > grave, "generator late: send delay p99 %s (limit %s; %s)", Short(delay), Short(limit), against)
}

// deaf is about the generator's delay in taking answers, which passes for service,
// in open and in closed loops. What is called in the loop has no answers to wait for.
// Where it is known of the answers themselves, nobody need infer it from looks at
// something else.
func (j *judgement) deaf(run *Run, e Evidence) {
	g := run.Generator
	if g == nil || e.InProcess {
		return
	}
	ok := run.Latency.Response[OK.String()]
	if ok != nil && g.ReceiveCount > 0 && float64(g.UndelayedCount) < watchedEnough*float64(ok.Count) {
		p50, p99 := time.Duration(g.ReceiveP50NS), time.Duration(g.ReceiveP99NS)
		j.deafAt("p50", p50, time.Duration(ok.P50NS), receiveSuspect, receiveInvalid, receiveShare, receiveGrave)
		j.deafAt("p99", p99, time.Duration(ok.P99NS), receiveTail, receiveTailGrave, receiveTailShare, receiveTailWorst)
	}
	j.graded(g.RunQueueShare > queueSuspect, g.RunQueueShare > queueInvalid,
		"no core for the generator: a thread of it waited %s of the window to run (limit %s)", percent(g.RunQueueShare), percent(queueSuspect))
}

// own is about all that the generator itself added to response times, where answers
// were watched on their way.
func (j *judgement) own(run *Run) {
	ok, g := run.Latency.Response[OK.String()], run.Generator
	if ok == nil || g == nil || g.UndelayedCount == 0 {
		return
	}
	j.ownAt("p50", time.Duration(ok.P50NS), time.Duration(g.UndelayedP50NS), ownSuspect, ownInvalid)
	j.ownAt("p99", time.Duration(ok.P99NS), time.Duration(g.UndelayedP99NS), ownTail, ownTailGrave)
}

func (j *judgement) ownAt(percentile string, response, undelayed, suspect, invalid time.Duration) {
	own, limit, worst := response-undelayed, max(suspect, part(response, ownShare)), max(invalid, part(response, ownGrave))
	if own > worst {
		limit = worst
	}
	j.graded(own > limit, own > worst, "generator late: %s of response.ok.%s, which is %s, are its own (limit %s)",
		Short(own), percentile, Short(response), Short(limit))
}

func (j *judgement) deafAt(percentile string, late, response, suspect, invalid time.Duration, share, grave float64) {
	limit, worst := max(suspect, part(response, share)), max(invalid, part(response, grave))
	if late > worst {
		limit = worst
	}
	j.graded(late > limit, late > worst, "generator late to take answers: receive delay %s %s (limit %s; response.ok.%s %s)",
		percentile, Short(late), Short(limit), percentile, Short(response))
}

func part(d time.Duration, share float64) time.Duration { return time.Duration(float64(d) * share) }

// machine is about what else took the processor.
func (j *judgement) machine(run *Run, e Evidence) {
	pause := min(float64(run.Cost.GCPauseNS)/float64(max(run.MeasuredNS, 1)), 1)
	throttled := min(e.ThrottledShare, 1)
	cpu := min(run.Cost.CPUShare/max(e.Cores, 1e-9), 1)
	telling := run.MeasuredNS >= int64(cpuWindow) && run.Offered > 0

	j.graded(e.ThrottledNS > 0 || throttled > 0, throttled > throttledInvalid,
		"CPU quota: throttled for %s, %s of the window (limit %s)", Short(time.Duration(e.ThrottledNS)), percent(throttled), percent(throttledInvalid))
	j.suspectIf(e.StealShare > stealSuspect, "CPU steal %s (limit %s)", percent(e.StealShare), percent(stealSuspect))
	j.suspectIf(pause > gcPauseSuspect, "garbage collector paused %s of the window (limit %s)", percent(pause), percent(gcPauseSuspect))
	j.suspectIf((e.Model == "open" || !e.InProcess) && e.Cores > 0 && telling && cpu > cpuSuspect,
		"CPU: this process used %s of its %.4g cores (limit %s)", percent(cpu), e.Cores, percent(cpuSuspect))
}

func percent(share float64) string { return fmt.Sprintf("%.3g %%", 100*share) }

// SendDelayP99 is over all outcomes: a generator is as late for a request that
// is then rejected as for one that is served. Where a histogram cannot be read,
// the worst outcome stands for all.
func (l Latencies) SendDelayP99() time.Duration {
	all := slices.Collect(maps.Values(l.SendDelay))
	if together, err := Distribute(all...); err == nil && together != nil {
		return time.Duration(together.At(99, 100))
	}
	var worst int64
	for _, one := range all {
		if one != nil {
			worst = max(worst, one.P99NS)
		}
	}
	return time.Duration(worst)
}
