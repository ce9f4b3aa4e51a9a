// Package results holds what a run measured: outcomes that add up, histograms
// per outcome, an interval series, shares per key, and a verdict on whether
// the measurement itself can be trusted.
//
// A loop records [Sample]s into its own [Shard], without locks. Shards are
// merged into a [Run], which is one line of a result file. The unit of
// comparison is the run, never the request.
package results

import "time"

// Outcome is what became of one arrival. Every arrival has exactly one.
type Outcome uint8

// The outcomes. Rejected is an answer, not an error.
const (
	OK       Outcome = iota + 1
	Rejected         // refused before queueing
	Shed             // dropped by a queue or pipeline
	TimedOut         // the caller's timeout, or the end of the drain
	Failed           // an error
	Unsent           // never handed over
)

// Outcomes lists every outcome in the order of tables and files.
var Outcomes = [...]Outcome{OK, Rejected, Shed, TimedOut, Failed, Unsent}

var outcomeNames = [...]string{"", "ok", "rejected", "shed", "timed_out", "failed", "unsent"}

// String returns the outcome's name in result files.
func (o Outcome) String() string { return outcomeNames[o] }

// DecisionModes names who decided, indexed by [Sample.Mode].
var DecisionModes = [...]string{"primary", "fail_open", "fail_closed", "local"}

// Sample is one finished arrival. Instants are offsets from the start of the run.
type Sample struct {
	Intended time.Duration // it was due
	Released time.Duration // the generator handed it over
	Started  time.Duration // service began
	Done     time.Duration // it was answered
	Outcome  Outcome
	Class    uint8
	Kind     uint8 // of request, where the target sends several
	Mode     uint8
	Status   uint16 // of the answer, such as 200; 0 where there is none
	// RetryUnread says that a refusal said when to come back, in words that were not
	// understood.
	RetryUnread bool
	KeyID       uint32
	Cost        int64
	Cause       string // for every outcome but ok
	// Own is how much of the time from Released to Done was the generator's own too,
	// as far as somebody knows; Watched says that somebody looked.
	Own     time.Duration
	Watched bool
	// Phases are the parts of what the answer took; nil where nobody asked for them.
	Phases *Phases
}

// ResponseTime is what a caller who arrived on time waited: from intended to done.
func (s *Sample) ResponseTime() time.Duration { return s.Done - s.Intended }

// ServiceTime is what the target took once it began.
func (s *Sample) ServiceTime() time.Duration { return s.Done - s.Started }

// undelayed is the response time without what of it was the generator's own.
func (s *Sample) undelayed() time.Duration {
	return max(0, s.Done-s.Released-max(0, s.Own))
}

// SendDelay is the generator's own lateness.
func (s *Sample) SendDelay() time.Duration { return s.Released - s.Intended }
