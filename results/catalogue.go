package results

import "strings"

// entry is a metric with its way out of a run. pattern is the path as it is
// listed, together with those that differ from it in one name only.
type entry struct {
	Metric
	pattern string
	key     string // where the file has the number: "latency.response.ok.p99_ns"; "" where it has none
	get     getter
	// bounds are where a value truly lies that was read out of a bucket; nil
	// where it is exact.
	bounds func(r *Run, v float64) (low, high float64)
}

// catalogue holds every metric that does not depend on a run's class names.
var catalogue = func() []entry {
	list := append(volumes(), outcomes()...)
	list = append(list, latencies()...)
	list = append(list, decisions()...)
	list = append(list, accuracy()...)
	list = append(list, pipelines()...)
	list = append(list, brokers()...)
	list = append(list, league()...)
	list = append(list, shares()...)
	list = append(list, faults()...)
	list = append(list, costs()...)
	list = append(list, target()...)
	for i := range list {
		list[i].key = keyOf(list[i].Metric)
	}
	return list
}()

// of makes an entry for a number that every run has.
func of[T uint64 | int64 | float64](path, unit string, better Direction, doc string, get func(*Run) T) entry {
	return entry{Metric: Metric{path, unit, better, doc}, pattern: path, get: func(r *Run) (float64, bool) { return float64(get(r)), true }}
}

// measured makes an entry for a cost, where 0 says that it was not measured.
func measured[T uint64 | float64](path, unit, doc string, get func(*Run) T) entry {
	return entry{Metric: Metric{path, unit, Lower, doc}, pattern: path, get: func(r *Run) (float64, bool) { v := get(r); return float64(v), v > 0 }}
}

// metered makes an entry for a cost that may be 0, of a run whose cost was
// measured at all: none has no CPU time.
func metered(path, unit, doc string, get func(*Cost) float64) entry {
	return entry{Metric: Metric{path, unit, Lower, doc}, pattern: path, get: func(r *Run) (float64, bool) {
		return get(&r.Cost), r.Cost.CPUNSPerOp > 0 || r.Cost.CPUShare > 0 || r.Cost.PeakRSSBytes > 0
	}}
}

func volumes() []entry {
	rate := func(path string, better Direction, doc string, get func(*Run) (float64, bool)) entry {
		return entry{Metric: Metric{path, UnitRate, better, doc}, pattern: path, get: func(r *Run) (float64, bool) {
			v, ok := get(r)
			return v, ok && r.MeasuredNS > 0
		}}
	}
	return []entry{
		of("offered", UnitCount, Neither, "arrivals of the measured window", func(r *Run) uint64 { return r.Offered }),
		of("attempts", UnitCount, Neither, "requests made for them, retries included", func(r *Run) uint64 { return r.Attempts }),
		rate("offered.rate", Neither, "arrivals per second", func(r *Run) (float64, bool) { return r.OfferedPerS, true }),
		rate("throughput", Higher, "answers of any kind within the window, per second", func(r *Run) (float64, bool) { return r.ThroughputPerS, true }),
		rate("goodput", Higher, "ok within the slo and the window, per second", (*Run).goodput),
	}
}

// goodput is not known under an slo where times are not.
func (r *Run) goodput() (perSecond float64, ok bool) {
	if r.GoodputPerS == nil || r.Protocol.SLO > 0 && !r.timed() {
		return 0, false
	}
	return *r.GoodputPerS, true
}

// braces lists names as alternatives.
func braces(names []string) string { return "{" + strings.Join(names, ",") + "}" }

// better says which change of an outcome's count is an improvement. To reject
// or shed is what some subjects are for.
func (o Outcome) better() Direction {
	switch o {
	case OK:
		return Higher
	case TimedOut, Failed, Unsent:
		return Lower
	}
	return Neither
}

func outcomes() []entry {
	var list []entry
	for _, o := range Outcomes {
		name := o.String()
		count := func(r *Run) (float64, bool) {
			n, ok := r.Outcomes[name]
			return float64(n), ok
		}
		share := func(r *Run) (float64, bool) {
			n, ok := r.Outcomes[name]
			return float64(n) / float64(max(r.Offered, 1)), ok && r.Offered > 0
		}
		list = append(list,
			entry{Metric: Metric{"outcomes." + name, UnitCount, o.better(), "arrivals that ended so"}, pattern: "outcomes." + name, get: count},
			entry{Metric: Metric{"outcomes." + name + ".share", UnitShare, o.better(), "likewise, as a share of offered"}, pattern: "outcomes." + name + ".share", get: share})
	}
	return list
}

func decisions() []entry {
	var list []entry
	for _, mode := range DecisionModes {
		list = append(list, entry{
			Metric:  Metric{"decisions." + mode, UnitCount, Neither, "admissions and rejections, by who decided"},
			pattern: "decisions." + braces(DecisionModes[:]),
			get: func(r *Run) (float64, bool) {
				n, ok := r.Decisions[mode]
				return float64(n), ok
			},
		})
	}
	return list
}

const untracked = "untracked"

// shares are known only where every key was tracked.
func shares() []entry {
	field := func(name, unit string, better Direction, doc string, get func(*KeyShares) (float64, bool)) entry {
		path := "keys." + name
		return entry{Metric: Metric{path, unit, better, doc}, pattern: path, get: func(r *Run) (float64, bool) {
			if r.Keys == nil || r.Keys.Untracked > 0 && name != untracked {
				return 0, false
			}
			return get(r.Keys)
		}}
	}
	jain := field("jain", UnitRatio, Higher, "fairness of admitted / entitled over keys, 1 is fair", func(k *KeyShares) (float64, bool) { return k.Jain, true })
	fair := jain.get
	jain.get = func(r *Run) (float64, bool) {
		if n, counted := r.Outcomes[OK.String()]; counted && n == 0 {
			return 0, false // nobody got anything, which is no fairness
		}
		return fair(r)
	}
	list := []entry{
		field("distinct", UnitCount, Neither, "keys that were offered", func(k *KeyShares) (float64, bool) { return float64(k.Distinct), true }),
		jain,
		field(untracked, UnitCount, Neither, "arrivals whose keys are too many to be counted", func(k *KeyShares) (float64, bool) { return float64(k.Untracked), true }),
	}
	for _, top := range tops {
		e := field("top_share."+top.name, UnitShare, Neither, "part of the offered tokens that the busiest keys asked for",
			func(k *KeyShares) (float64, bool) { v, ok := k.TopShare[top.name]; return v, ok })
		e.pattern = "keys.top_share.{1,10,100}"
		list = append(list, e)
	}
	return list
}

func costs() []entry {
	saturated := func(name, unit string, better Direction, doc string, get func(*Saturated) float64) entry {
		path := "cost.saturated." + name
		return entry{Metric: Metric{path, unit, better, doc}, pattern: path, get: func(r *Run) (float64, bool) {
			if r.Cost.Saturated == nil {
				return 0, false
			}
			return get(r.Cost.Saturated), true
		}}
	}
	return []entry{
		measured("cost.cpu_per_op", UnitNS, "CPU time of this process per arrival", func(r *Run) float64 { return r.Cost.CPUNSPerOp }),
		measured("cost.cpu_share", UnitShare, "CPU time of this process, of one core", func(r *Run) float64 { return r.Cost.CPUShare }),
		metered("cost.allocs_per_op", UnitCount, "allocations of this process per arrival", func(c *Cost) float64 { return c.AllocsPerOp }),
		metered("cost.gc_cycles", UnitCount, "garbage collections", func(c *Cost) float64 { return float64(c.GCCycles) }),
		metered("cost.gc_pause", UnitNS, "time stopped by the garbage collector", func(c *Cost) float64 { return float64(c.GCPauseNS) }),
		measured("cost.peak_rss", UnitBytes, "largest resident memory of this process", func(r *Run) uint64 { return r.Cost.PeakRSSBytes }),
		saturated("ops", UnitCount, Neither, "decisions of the saturated pass", func(s *Saturated) float64 { return float64(s.Ops) }),
		saturated("per_op", UnitNS, Lower, "time per decision of a limiter or of the first queue of a pipeline, saturated", func(s *Saturated) float64 { return s.NSPerOp }),
		saturated("cpu_per_op", UnitNS, Lower, "CPU time per decision, saturated", func(s *Saturated) float64 { return s.CPUNSPerOp }),
	}
}
