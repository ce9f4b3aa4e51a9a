package results

import "strings"

// entry is a metric with its way out of a run. pattern is the path as it is
// listed, together with those that differ from it in one name only.
type entry struct {
	Metric
	pattern string
	get     getter
}

// catalogue holds every metric that does not depend on a run's class names.
var catalogue = func() []entry {
	list := append(volumes(), outcomes()...)
	list = append(list, latencies()...)
	list = append(list, decisions()...)
	list = append(list, accuracy()...)
	list = append(list, shares()...)
	list = append(list, faults()...)
	list = append(list, costs()...)
	return append(list, target()...)
}()

// of makes an entry for a number that every run has.
func of[T uint64 | int64 | float64](path, unit string, better Direction, doc string, get func(*Run) T) entry {
	return entry{Metric{path, unit, better, doc}, path, func(r *Run) (float64, bool) { return float64(get(r)), true }}
}

// measured makes an entry for a cost, where 0 says that it was not measured.
func measured[T uint64 | float64](path, unit, doc string, get func(*Run) T) entry {
	return entry{Metric{path, unit, Lower, doc}, path, func(r *Run) (float64, bool) { v := get(r); return float64(v), v > 0 }}
}

func volumes() []entry {
	return []entry{
		of("offered", UnitCount, Neither, "arrivals of the measured window", func(r *Run) uint64 { return r.Offered }),
		of("attempts", UnitCount, Neither, "requests made for them, retries included", func(r *Run) uint64 { return r.Attempts }),
		of("offered.rate", UnitRate, Neither, "arrivals per second", func(r *Run) float64 { return r.OfferedPerS }),
		of("throughput", UnitRate, Higher, "answers of any kind within the window, per second", func(r *Run) float64 { return r.ThroughputPerS }),
		of("goodput", UnitRate, Higher, "ok within the slo and the window, per second", func(r *Run) float64 { return r.GoodputPerS }),
	}
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
			entry{Metric{"outcomes." + name, UnitCount, o.better(), "arrivals that ended so"}, "outcomes." + name, count},
			entry{Metric{"outcomes." + name + ".share", UnitShare, o.better(), "likewise, as a share of offered"}, "outcomes." + name + ".share", share})
	}
	return list
}

// statistic is one number of a histogram.
type statistic struct {
	name, unit string
	better     Direction
	doc        string
	get        func(*Latency) float64
}

var statistics = [...]statistic{
	{"count", UnitCount, Neither, "number of values", func(l *Latency) float64 { return float64(l.Count) }},
	{"min", UnitNS, Lower, "smallest", func(l *Latency) float64 { return float64(l.MinNS) }},
	{"mean", UnitNS, Lower, "mean", func(l *Latency) float64 { return l.MeanNS }},
	{"p50", UnitNS, Lower, "median", func(l *Latency) float64 { return float64(l.P50NS) }},
	{"p90", UnitNS, Lower, "90th percentile", func(l *Latency) float64 { return float64(l.P90NS) }},
	{"p95", UnitNS, Lower, "95th percentile", func(l *Latency) float64 { return float64(l.P95NS) }},
	{"p99", UnitNS, Lower, "99th percentile", func(l *Latency) float64 { return float64(l.P99NS) }},
	{"p999", UnitNS, Lower, "99.9th percentile", func(l *Latency) float64 { return float64(l.P999NS) }},
	{"p9999", UnitNS, Lower, "99.99th percentile", func(l *Latency) float64 { return float64(l.P9999NS) }},
	{"max", UnitNS, Lower, "largest", func(l *Latency) float64 { return float64(l.MaxNS) }},
}

// kindDocs says what each of kinds is.
var kindDocs = [len(kinds)]string{
	"response time, from when the arrival was due",
	"service time, from when its service began",
	"send delay, the generator's own lateness",
}

func latencies() []entry {
	var names []string
	for _, o := range Outcomes {
		if o != Unsent {
			names = append(names, o.String())
		}
	}
	var list []entry
	for i, kind := range kinds {
		for _, stat := range statistics {
			for _, outcome := range names {
				list = append(list, entry{
					Metric:  Metric{kind + "." + outcome + "." + stat.name, stat.unit, stat.better, kindDocs[i] + ": " + stat.doc},
					pattern: kind + "." + braces(names) + "." + stat.name,
					get: func(r *Run) (float64, bool) {
						l := r.Latency.of(kind)[outcome]
						if l == nil {
							return 0, false
						}
						return stat.get(l), true
					},
				})
			}
		}
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

const observedShare = "observed_share"

// accuracy is that of judged runs. Where no decision was observed, a count of
// 0 would be praise for nothing.
func accuracy() []entry {
	field := func(name, unit string, better Direction, doc string, get func(*Accuracy) float64) entry {
		path := "accuracy." + name
		return entry{Metric{path, unit, better, doc}, path, func(r *Run) (float64, bool) {
			if r.Accuracy == nil || r.Accuracy.ObservedShare == 0 && name != observedShare {
				return 0, false
			}
			return get(r.Accuracy), true
		}}
	}
	compared := func(name, unit string, better Direction, doc string, get func(*Compared) float64) entry {
		path := "accuracy." + name
		return entry{Metric{path, unit, better, doc}, path, func(r *Run) (float64, bool) {
			if r.Accuracy == nil || r.Accuracy.ObservedShare == 0 || r.Accuracy.Compared == nil {
				return 0, false
			}
			return get(r.Accuracy.Compared), true
		}}
	}
	return []entry{
		field(observedShare, UnitShare, Higher, "decisions seen by the oracle", func(a *Accuracy) float64 { return a.ObservedShare }),
		field("false_admits", UnitCount, Lower, "admissions that the algorithm's exact model denies", func(a *Accuracy) float64 { return float64(a.FalseAdmits) }),
		field("false_denials", UnitCount, Lower, "denials that the algorithm's exact model admits", func(a *Accuracy) float64 { return float64(a.FalseDenials) }),
		compared("admitted", UnitTokens, Neither, "tokens admitted, over judged decisions", func(c *Compared) float64 { return float64(c.Admitted) }),
		compared("entitled", UnitTokens, Neither, "tokens that an exact token bucket of the limit admits of the same arrivals", func(c *Compared) float64 { return float64(c.Entitled) }),
		compared("rate_error", UnitRatio, NearZero, "tokens admitted, over those of an exact token bucket, less 1", func(c *Compared) float64 { return c.RateError }),
		compared("burst_excess", UnitTokens, Lower, "tokens admitted beyond the burst in the worst window", func(c *Compared) float64 { return c.BurstExcess }),
		known("most_per_period.admitted", UnitTokens, Neither, "tokens of one key admitted within any one period of the limit", func(a *Accuracy) float64 {
			if a.MostPerPeriod == nil {
				return 0
			}
			return float64(a.MostPerPeriod.Admitted)
		}),
		field("starvation", UnitRatio, Lower, "emission intervals for which a key was only denied, although a token was due", func(a *Accuracy) float64 {
			if a.Starvation == nil {
				return 0
			}
			return a.Starvation.Intervals
		}),
		jitter("cv", "standard deviation over mean of the gaps between admissions of a key", func(j *Jitter) float64 { return j.CV }),
		jitter("p99_intervals", "99th percentile of those gaps, in emission intervals", func(j *Jitter) float64 { return j.P99Intervals }),
		known("callers_jain", UnitRatio, Higher, "fairness of admitted / asked between callers at once, 1 is fair", func(a *Accuracy) float64 { return a.CallersJain }),
	}
}

// jitter is known where gaps were seen.
func jitter(name, doc string, get func(*Jitter) float64) entry {
	path := "accuracy.jitter." + name
	return entry{Metric{path, UnitRatio, Lower, doc}, path, func(r *Run) (float64, bool) {
		if r.Accuracy == nil || r.Accuracy.Jitter == nil {
			return 0, false
		}
		return get(r.Accuracy.Jitter), true
	}}
}

// known is never 0 where it is known.
func known(name, unit string, better Direction, doc string, get func(*Accuracy) float64) entry {
	path := "accuracy." + name
	return entry{Metric{path, unit, better, doc}, path, func(r *Run) (float64, bool) {
		if r.Accuracy == nil || get(r.Accuracy) == 0 {
			return 0, false
		}
		return get(r.Accuracy), true
	}}
}

const untracked = "untracked"

// shares are known only where every key was tracked.
func shares() []entry {
	field := func(name, unit string, better Direction, doc string, get func(*KeyShares) (float64, bool)) entry {
		path := "keys." + name
		return entry{Metric{path, unit, better, doc}, path, func(r *Run) (float64, bool) {
			if r.Keys == nil || r.Keys.Untracked > 0 && name != untracked {
				return 0, false
			}
			return get(r.Keys)
		}}
	}
	list := []entry{
		field("distinct", UnitCount, Neither, "keys that were offered", func(k *KeyShares) (float64, bool) { return float64(k.Distinct), true }),
		field("jain", UnitRatio, Higher, "fairness of admitted / entitled over keys, 1 is fair", func(k *KeyShares) (float64, bool) { return k.Jain, true }),
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
		return entry{Metric{path, unit, better, doc}, path, func(r *Run) (float64, bool) {
			if r.Cost.Saturated == nil {
				return 0, false
			}
			return get(r.Cost.Saturated), true
		}}
	}
	return []entry{
		measured("cost.cpu_per_op", UnitNS, "CPU time of this process per arrival", func(r *Run) float64 { return r.Cost.CPUNSPerOp }),
		measured("cost.cpu_share", UnitShare, "CPU time of this process, of one core", func(r *Run) float64 { return r.Cost.CPUShare }),
		of("cost.allocs_per_op", UnitCount, Lower, "allocations of this process per arrival", func(r *Run) float64 { return r.Cost.AllocsPerOp }),
		of("cost.gc_cycles", UnitCount, Lower, "garbage collections", func(r *Run) uint64 { return r.Cost.GCCycles }),
		of("cost.gc_pause", UnitNS, Lower, "time stopped by the garbage collector", func(r *Run) int64 { return r.Cost.GCPauseNS }),
		measured("cost.peak_rss", UnitBytes, "largest resident memory of this process", func(r *Run) uint64 { return r.Cost.PeakRSSBytes }),
		saturated("ops", UnitCount, Neither, "decisions of the saturated pass", func(s *Saturated) float64 { return float64(s.Ops) }),
		saturated("per_op", UnitNS, Lower, "time per decision, saturated", func(s *Saturated) float64 { return s.NSPerOp }),
		saturated("cpu_per_op", UnitNS, Lower, "CPU time per decision, saturated", func(s *Saturated) float64 { return s.CPUNSPerOp }),
	}
}
