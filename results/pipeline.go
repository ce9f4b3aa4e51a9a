package results

import (
	"slices"
	"time"
)

// Pipeline is what queues and workers came to in a whole trial, warm-up and drain
// included. Only pipelines have it.
type Pipeline struct {
	// CapacityPerS is how many arrivals the workers of the slowest stage can serve on
	// average, at the pace that they had in the window, per second.
	CapacityPerS float64 `json:"capacity_per_s"`
	// Retention is the goodput, over what was possible: the capacity or what was
	// offered, whichever is less, second by second. It is 1 for what overload does no
	// harm. Nil where the goodput is not known.
	Retention *float64 `json:"retention,omitempty"`
	// Busy is the time that workers spent in service; dead is the part of it that
	// was spent on what came too late for its caller or its deadline, or never came.
	BusyNS    int64    `json:"busy_ns"`
	DeadNS    int64    `json:"dead_ns"`
	DeadShare *float64 `json:"dead_share,omitempty"` // nil where nothing was served
	// Extrapolated are copies of items that a faster consumer was given again: no
	// arrivals, and no part of the service.
	Extrapolated uint64  `json:"extrapolated,omitempty"`
	Broker       *Broker `json:"broker,omitempty"` // nil where none is
	// These are the most of any one queue at any time: inside, at its door, and
	// that both weighed.
	MostQueued  int   `json:"most_queued"`
	MostAtDoor  int   `json:"most_at_door"`
	MemoryBytes int64 `json:"memory_bytes"`
	// SojournP99NS is the 99th percentile of the time inside a queue, without that at
	// its door, of those who were taken from it: of the queue where it is longest.
	SojournP99NS int64 `json:"sojourn_p99_ns"`

	// What a control of the pipeline changed; only of pipelines that have one.
	Sensors         string       `json:"sensors,omitempty"`           // of CPU, collector and scheduler: "measured", or "modelled" where there is no host
	MostHeld        int          `json:"most_held,omitempty"`         // that the source held back at once, because it was asked to
	Transitions     []Transition `json:"transitions,omitempty"`       // the first of them
	TransitionsCut  uint64       `json:"transitions_cut,omitempty"`   // how many came after them
	ChangesPerMin   *float64     `json:"changes_per_min,omitempty"`   // all of them
	ReversalsPerMin *float64     `json:"reversals_per_min,omitempty"` // of these, back the way that the actuator had come
}

// Transition is a change that a control made.
type Transition struct {
	TNS      int64   `json:"t_ns"` // from the start of the measured window; below 0 in the warm-up
	Rule     string  `json:"rule"`
	Actuator string  `json:"actuator"`
	From     float64 `json:"from"` // rates in items per second; 0 is off
	To       float64 `json:"to"`
}

// From makes the instants of p, which are offsets from the start of the trial, those from
// the start of the window.
func (p Pipeline) From(warmup time.Duration) Pipeline {
	p.Transitions = slices.Clone(p.Transitions)
	for i := range p.Transitions {
		p.Transitions[i].TNS -= int64(warmup)
	}
	return p
}

// Broker is what happened between a broker and its consumer.
type Broker struct {
	Pauses      uint64  `json:"pauses"`
	FlapsPerMin float64 `json:"flaps_per_min"` // pauses
	// Fetched are items that came by fetches, delivered those that the consumer kept.
	Fetched      uint64   `json:"fetched"`
	Delivered    uint64   `json:"delivered"`
	RefetchRatio *float64 `json:"refetch_ratio,omitempty"` // fetched over delivered; nil where none was
	// These are the most at any time of each level.
	MostPartition int `json:"most_partition"`
	MostConsumer  int `json:"most_consumer"`
	MostWorker    int `json:"most_worker"`
	// What the queues of the consumer and its workers weighed at most, and may weigh.
	MemoryBytes   int64 `json:"memory_bytes"`
	DeclaredBytes int64 `json:"declared_bytes"`
}

// brokers are the metrics of consumers of brokers.
func brokers() []entry {
	field := func(name, unit string, better Direction, doc string, get func(*Broker) (float64, bool)) entry {
		path := "pipeline.broker." + name
		return entry{Metric: Metric{path, unit, better, doc}, pattern: path, get: func(r *Run) (float64, bool) {
			if r.Pipeline == nil || r.Pipeline.Broker == nil {
				return 0, false
			}
			return get(r.Pipeline.Broker)
		}}
	}
	count := func(get func(*Broker) int) func(*Broker) (float64, bool) {
		return func(b *Broker) (float64, bool) { return float64(get(b)), true }
	}
	return []entry{
		field("flaps_per_min", UnitCount, Lower, "how often a consumer paused, per minute", func(b *Broker) (float64, bool) { return b.FlapsPerMin, true }),
		field("refetch_ratio", UnitRatio, Lower, "items that were fetched, of those that the consumer kept: what is above 1 came again", func(b *Broker) (float64, bool) {
			if b.RefetchRatio == nil {
				return 0, false
			}
			return *b.RefetchRatio, true
		}),
		field("most_partition", UnitCount, Lower, "the most that the broker kept at once", count(func(b *Broker) int { return b.MostPartition })),
		field("most_consumer", UnitCount, Lower, "the most in the queue of a consumer at once", count(func(b *Broker) int { return b.MostConsumer })),
		field("most_worker", UnitCount, Lower, "the most in the queue of its workers at once", count(func(b *Broker) int { return b.MostWorker })),
		field("memory", UnitBytes, Lower, "the most that both weighed at once", count(func(b *Broker) int { return int(b.MemoryBytes) })),
	}
}

// retain compares the goodput with what was possible.
func (p *Pipeline) retain(r *Run, capacity func(from, to time.Duration) float64) {
	if possible := r.possible(capacity); possible > 0 && r.GoodputPerS != nil {
		retention := float64(*r.GoodputPerS*float64(r.MeasuredNS)) / float64(possible*1e9)
		p.Retention = &retention
	}
}

// possible is how many arrivals could have been served in time, taken together by
// the second: what comes in a moment can be served in the next one.
func (r *Run) possible(capacity func(from, to time.Duration) float64) (n float64) {
	var from, to int64
	var offered uint64
	for i, slice := range r.Intervals {
		offered, to = offered+slice.Offered, min(slice.TNS+slice.WidthNS, r.MeasuredNS)
		if last := i+1 == len(r.Intervals); to > from && (to-from >= int64(time.Second) || last) {
			n += min(float64(offered), float64(capacity(time.Duration(from), time.Duration(to))*float64(to-from))/1e9)
			from, offered = to, 0
		}
	}
	return n
}

// AddPipeline gives a run, which has its rates already, what its pipeline came to.
// capacity is how many arrivals it could serve a second between two instants of
// the measured window.
func (r *Run) AddPipeline(p Pipeline, capacity func(from, to time.Duration) float64) {
	p.CapacityPerS = capacity(0, time.Duration(r.MeasuredNS))
	if p.BusyNS > 0 {
		share := float64(p.DeadNS) / float64(p.BusyNS)
		p.DeadShare = &share
	}
	p.retain(r, capacity)
	r.Pipeline = &p
}

// pipelines are the metrics of pipelines.
func pipelines() []entry {
	field := func(name, unit string, better Direction, doc string, get func(*Pipeline) (float64, bool)) entry {
		path := "pipeline." + name
		return entry{Metric: Metric{path, unit, better, doc}, pattern: path, get: func(r *Run) (float64, bool) {
			if r.Pipeline == nil {
				return 0, false
			}
			return get(r.Pipeline)
		}}
	}
	known := func(v *float64) (float64, bool) {
		if v == nil {
			return 0, false
		}
		return *v, true
	}
	sojourn := field("sojourn_p99", UnitNS, Lower, "time inside a queue, of those taken from it, of the queue where it is longest", func(p *Pipeline) (float64, bool) {
		return float64(p.SojournP99NS), p.BusyNS > 0 // else nobody was taken
	})
	sojourn.bounds = func(_ *Run, v float64) (low, high float64) { return rough(int64(v)), v }
	return []entry{
		field("capacity", UnitRate, Neither, "arrivals that the slowest stage can serve on average, per second", func(p *Pipeline) (float64, bool) { return p.CapacityPerS, true }),
		field("retention", UnitShare, Higher, "goodput, of what was possible: the capacity or what was offered, whichever is less", func(p *Pipeline) (float64, bool) { return known(p.Retention) }),
		field("dead_share", UnitShare, Lower, "service spent on what came too late, or never, of all", func(p *Pipeline) (float64, bool) { return known(p.DeadShare) }),
		field("extrapolated", UnitCount, Neither, "copies of the last item that a faster consumer was given: no arrivals", func(p *Pipeline) (float64, bool) { return float64(p.Extrapolated), p.Extrapolated > 0 }),
		field("most_queued", UnitCount, Lower, "the most inside one queue at once", func(p *Pipeline) (float64, bool) { return float64(p.MostQueued), true }),
		field("most_at_door", UnitCount, Lower, "the most at the door of one queue at once", func(p *Pipeline) (float64, bool) { return float64(p.MostAtDoor), true }),
		sojourn,
		field("most_held", UnitCount, Lower, "the most that the source held back at once, because the control of the pipeline asked it to", func(p *Pipeline) (float64, bool) { return float64(p.MostHeld), p.Sensors != "" }),
		field("changes", UnitCount, Neither, "changes that the control of the pipeline made, per minute", func(p *Pipeline) (float64, bool) { return known(p.ChangesPerMin) }),
		field("reversals", UnitCount, Lower, "of these, back the way that the actuator had come: oscillation", func(p *Pipeline) (float64, bool) { return known(p.ReversalsPerMin) }),
		field("memory", UnitBytes, Lower, "the most that those of one queue and its door weighed at once", func(p *Pipeline) (float64, bool) { return float64(p.MemoryBytes), true }),
	}
}

// pipelineKey is where a metric of pipelines stands in the file.
func pipelineKey(path string) string {
	switch path {
	case "pipeline.capacity":
		return path + "_per_s"
	case "pipeline.sojourn_p99":
		return path + "_ns"
	case "pipeline.changes", "pipeline.reversals":
		return path + "_per_min"
	case "pipeline.most_held":
		return "" // left out when it is 0
	case "pipeline.memory", "pipeline.broker.memory":
		return path + "_bytes"
	}
	return path
}
