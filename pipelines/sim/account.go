package sim

import (
	"math"
	"time"

	"github.com/fcbench/fcbench/results"
)

// account is what the workers of all stages spent their time on.
type account struct {
	busy  time.Duration
	alive time.Duration // of busy, on what was in time
}

// Pipeline implements [targets.Queued].
func (p *pipeline) Pipeline(from, to time.Duration) results.Pipeline {
	l := p.lane
	out := results.Pipeline{
		CapacityPerS: l.capacity(from, to), BusyNS: int64(l.account.busy), DeadNS: int64(l.account.busy - l.account.alive),
	}
	for i := range l.stages {
		c := l.stages[i].queue.Counts()
		out.MostQueued = max(out.MostQueued, c.MostInside)
		out.MostAtDoor = max(out.MostAtDoor, c.MostWaiting)
		out.MemoryBytes = max(out.MemoryBytes, c.MostBytes)
	}
	return out
}

// capacity is how many the slowest stage can serve on average between two instants,
// per second.
func (l *lane) capacity(from, to time.Duration) float64 {
	least := math.Inf(1)
	for i := range l.stages {
		s := &l.stages[i]
		share := float64(s.pace.work(from, to)) / float64(to-from)
		least = min(least, float64(s.workers)*share/s.mean*float64(time.Second))
	}
	return least
}

// work is how much service, as it is drawn, one worker gets done between two
// instants.
func (p Pace) work(from, to time.Duration) (done time.Duration) {
	for at := from; at < to; {
		next, slower := p.at(at, to)
		done += progress(next-at, slower)
		at = next
	}
	return done
}

// driftStep is how long a drift is taken for constant where it is summed up.
const driftStep = 10 * time.Millisecond

// at is the pace at an instant, drift included, and until when it is about that.
func (p Pace) at(at, to time.Duration) (until time.Duration, slower int64) {
	until, slower = to, One
	for _, c := range p.Changes {
		if c.At > at {
			until = min(until, c.At)
			break
		}
		slower = c.Slower
	}
	if p.Drift > 0 {
		until = min(until, at+driftStep)
		slower = int64(add(time.Duration(slower), scale(scale(time.Duration(slower), p.Drift, One), int64(at), int64(time.Second))))
	}
	return until, slower
}
