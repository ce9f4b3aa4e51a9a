package results

import "math"

// Fault is what one fault did to a run whose Redis was broken on purpose.
// Instants are offsets from the beginning of the measured window.
type Fault struct {
	Kind    string `json:"kind"`
	AtNS    int64  `json:"at_ns"`              // as planned
	ForNS   int64  `json:"for_ns,omitempty"`   // as planned; none of what happens at once
	DelayNS int64  `json:"delay_ns,omitempty"` // of every reply, where they were slow
	Reached bool   `json:"reached"`            // else the run ended before, and nothing that follows is known
	BeganNS int64  `json:"began_ns"`
	EndedNS int64  `json:"ended_ns"`            // when the server was itself again
	Cut     bool   `json:"cut_short,omitempty"` // it ended early, with the run

	Before Spell  `json:"before"` // requests before it, since the last fault
	During Spell  `json:"during"` // requests any of whose time was the fault's, or of the 100 ms after one that happens at once
	After  Spell  `json:"after"`  // requests after it, until the next fault
	Limit  *Grant `json:"limit,omitempty"`
	Lost   *int64 `json:"lost,omitempty"` // of a failover: tokens that the limiter took during it and the replica never heard of, at least

	// Recovered tells whether, after the fault, the limiter itself came to decide
	// everything, until the next fault or the end of the run. RecoveryNS is how
	// long after the fault's end the first such decision was made; 0 where it
	// decided everything all along.
	Recovered  bool  `json:"recovered"`
	RecoveryNS int64 `json:"recovery_ns"`
}

// Spell is the requests of a time: who decided on them, and how long that took.
type Spell struct {
	Decisions map[string]uint64 `json:"decisions"` // by mode; "error" is none
	Latency   SpellLatency      `json:"latency"`
}

// SpellLatency sums up the response times of a spell. Quantiles are at most 1/32
// too high.
type SpellLatency struct {
	Count uint64 `json:"count"`
	P50NS int64  `json:"p50_ns"`
	P99NS int64  `json:"p99_ns"`
	MaxNS int64  `json:"max_ns"`
}

// Grant is what was admitted during a fault, against the limit.
type Grant struct {
	Keys     int   `json:"keys"`     // that were asked for
	Admitted int64 `json:"admitted"` // tokens, of all keys
	Entitled int64 `json:"entitled"` // what the limit allows those keys in that time
	Excess   int64 `json:"excess"`   // sum of what each key got beyond its own part
}

// Goroutines is how many there were before a run and after it.
type Goroutines struct {
	Before int `json:"before"`
	After  int `json:"after"`
}

// Left is how many the run left behind.
func (g Goroutines) Left() int { return max(0, g.After-g.Before) }

// Undecided is the mode of requests without a decision, beside [DecisionModes].
const Undecided = "error"

// recovery is +Inf where the limiter did not come back. It is not known where the
// fault was cut short, or no request came after it.
func (f *Fault) recovery() (ns float64, ok bool) {
	switch {
	case !f.Reached || f.Cut:
		return 0, false
	case f.Recovered:
		return float64(f.RecoveryNS), true
	}
	return math.Inf(1), f.After.Latency.Count > 0
}

// added is by how much a quantile was higher than before the fault.
func (f *Fault) added(quantile func(SpellLatency) int64) (ns float64, ok bool) {
	before, during := f.Before.Latency, f.During.Latency
	return float64(quantile(during) - quantile(before)), before.Count > 0 && during.Count > 0
}

// addedAtLeast and addedAtMost are where that truly lies, by the buckets of both.
func (f *Fault) addedAtLeast(quantile func(SpellLatency) int64) float64 {
	return rough(quantile(f.During.Latency)) - float64(quantile(f.Before.Latency))
}

func (f *Fault) addedAtMost(quantile func(SpellLatency) int64) float64 {
	return float64(quantile(f.During.Latency)) - rough(quantile(f.Before.Latency))
}

// worst is the highest of what is known of the faults.
func (r *Run) worst(get func(*Fault) (float64, bool)) (most float64, known bool) {
	for i := range r.Faults {
		if v, ok := get(&r.Faults[i]); ok && (!known || v > most) {
			most, known = v, true
		}
	}
	return most, known
}

// faults are of runs that had any. What is told is the worst of them.
func faults() []entry {
	worst := func(name, unit, doc string, get func(*Fault) (float64, bool)) entry {
		path := "faults." + name
		return entry{Metric: Metric{path, unit, Lower, doc}, pattern: path, get: func(r *Run) (float64, bool) { return r.worst(get) }}
	}
	added := func(name, doc string, quantile func(SpellLatency) int64) entry {
		e := worst("added_"+name, UnitNS, doc, func(f *Fault) (float64, bool) { return f.added(quantile) })
		e.bounds = func(r *Run, _ float64) (low, high float64) {
			low, _ = r.worst(func(f *Fault) (float64, bool) { _, ok := f.added(quantile); return f.addedAtLeast(quantile), ok })
			high, _ = r.worst(func(f *Fault) (float64, bool) { _, ok := f.added(quantile); return f.addedAtMost(quantile), ok })
			return low, high
		}
		return e
	}
	return []entry{
		worst("recovery", UnitNS, "from the end of a fault until the limiter decided everything itself again; infinite if it never did", (*Fault).recovery),
		added("p50", "median response time during a fault, less that of before it", func(l SpellLatency) int64 { return l.P50NS }),
		added("p99", "99th percentile during a fault, less that of before it", func(l SpellLatency) int64 { return l.P99NS }),
		worst("errors", UnitCount, "requests of a fault on which nobody decided", func(f *Fault) (float64, bool) {
			return float64(f.During.Decisions[Undecided]), f.Reached
		}),
		worst("excess", UnitTokens, "tokens admitted during a fault beyond the limit of their keys", func(f *Fault) (float64, bool) {
			if f.Limit == nil {
				return 0, false
			}
			return float64(f.Limit.Excess), true
		}),
		worst("lost", UnitTokens, "tokens that limiters took during a failover and the replica never heard of, at least", func(f *Fault) (float64, bool) {
			if f.Lost == nil {
				return 0, false
			}
			return float64(*f.Lost), true
		}),
		{Metric: Metric{"goroutines.left", UnitCount, Lower, "goroutines that a run of a pipeline, in real time, or with faults left behind"}, pattern: "goroutines.left", get: func(r *Run) (float64, bool) {
			if r.Goroutines == nil {
				return 0, false
			}
			return float64(r.Goroutines.Left()), true
		}},
	}
}
