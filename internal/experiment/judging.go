package experiment

import (
	"time"

	"github.com/fcbench/fcbench/internal/oracle"
	"github.com/fcbench/fcbench/internal/runner"
	"github.com/fcbench/fcbench/internal/scenario"
	"github.com/fcbench/fcbench/limiters"
	"github.com/fcbench/fcbench/results"
)

// judging brings decisions before the judge in the order in which they were made.
type judging struct {
	scenario.Oracle
	seq    *oracle.Sequencer // nil: they come in order
	origin time.Duration     // the limiter's clock minus the run's, its lower bound
}

// clockSkew is by how much the limiter's clock and the run's may drift apart within a run.
const clockSkew = 5 * time.Millisecond

func newJudging(judge scenario.Oracle, ordered bool, t results.Time) *judging {
	j := &judging{Oracle: judge, origin: -runner.Forever}
	if !ordered {
		j.seq = oracle.NewSequencer(judge.Observe)
	}
	if t == results.Virtual {
		j.origin = 0
	}
	return j
}

// See implements [runner.Witness]. What was never sent is no decision. A failure
// policy's decision, or none, says nothing of the limiter, and counts as an error.
func (j *judging) See(a *runner.Attempt) {
	if a.Number == 0 && !a.Lost {
		return
	}
	o := oracle.Observation{
		Key: a.Key, N: a.Cost, Class: a.Class, Called: a.Called, Returned: a.Returned, At: a.At, Until: a.Until, Caller: a.Caller,
		Allowed: a.Outcome == results.OK, Errored: a.Lost || a.Outcome > results.Rejected || a.Mode != 0,
	}
	if !a.Judged {
		o.At = limiters.Unknown
	}
	if j.seq == nil {
		j.Observe(o)
		return
	}
	// A decision falls between call and return, so the latest At − Returned seen is
	// a lower bound of the distance between the two clocks.
	if o.At >= 0 {
		j.origin = max(j.origin, o.At-o.Returned)
	}
	j.seq.Push(o)
}

// Settled implements [runner.Witness].
func (j *judging) Settled(oldest time.Duration) {
	switch {
	case j.seq == nil:
	case oldest == runner.Forever:
		j.seq.Flush()
	default:
		j.seq.AdvanceCalled(oldest)
		if j.origin != -runner.Forever {
			j.seq.Advance(oldest + j.origin - clockSkew)
		}
	}
}
