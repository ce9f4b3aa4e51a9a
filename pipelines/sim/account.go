package sim

import (
	"math"
	"time"

	"github.com/fcbench/fcbench/pipelines"
	"github.com/fcbench/fcbench/results"
)

// Account is what the workers of all stages spent their time on.
type Account struct {
	Busy  time.Duration
	Alive time.Duration // of Busy, on what was in time
}

// Pipeline implements [targets.Queued].
func (p *pipeline) Pipeline() results.Pipeline {
	l := p.lane
	out := p.c.Sum(l.account, func(i int) pipelines.Counts { return l.stages[i].queue.Counts() })
	l.in.Report(&out)
	return out
}

// Sum is what workers and the queues of all stages came to.
func (c Config) Sum(a Account, counts func(stage int) pipelines.Counts) results.Pipeline {
	out := results.Pipeline{BusyNS: int64(a.Busy), DeadNS: int64(a.Busy - a.Alive)}
	for i := range c.Stages {
		n := counts(i)
		out.Extrapolated += n.Extrapolated
		out.Broker = broker(n.Fetches, out.Broker)
		out.MostQueued = max(out.MostQueued, n.MostInside)
		out.MostAtDoor = max(out.MostAtDoor, n.MostWaiting)
		out.MemoryBytes = max(out.MemoryBytes, n.MostBytes)
		out.SojournP99NS = max(out.SojournP99NS, int64(n.SojournP99))
	}
	return out
}

// broker is what came of fetching from one, and before of another.
func broker(f pipelines.Fetches, before *results.Broker) *results.Broker {
	if f.Memory == 0 {
		return before
	}
	out := &results.Broker{
		Pauses: f.Pauses, Fetched: f.Fetched, Delivered: f.Delivered, MostPartition: f.MostPartition,
		MostConsumer: f.MostConsumer, MostWorker: f.MostWorker, MemoryBytes: f.MostBytes, DeclaredBytes: f.Memory,
	}
	if f.Span > 0 {
		out.FlapsPerMin = float64(f.Pauses) / f.Span.Minutes()
	}
	if f.Delivered > 0 {
		ratio := float64(f.Fetched) / float64(f.Delivered)
		out.RefetchRatio = &ratio
	}
	return out
}

// Capacity implements [targets.Queued].
func (p *pipeline) Capacity(from, to time.Duration) float64 { return p.c.Capacity(from, to) }

// Capacity is how many the slowest stage can serve on average between two instants,
// per second, when its batches are full.
func (c Config) Capacity(from, to time.Duration) float64 {
	least := math.Inf(1)
	for _, s := range c.Stages {
		share := float64(s.Pace.work(from, to)) / float64(to-from)
		least = min(least, float64(s.Workers)*share/(s.Mean+float64(s.Setup)/float64(s.Most()))*float64(time.Second))
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
