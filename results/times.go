package results

import (
	"fmt"
	"slices"
	"strings"
)

// statistic is one number of a histogram.
type statistic struct {
	name, unit string
	better     Direction
	doc        string
	get        func(*Latency) float64
	rounded    bool // read out of a bucket
}

var statistics = [...]statistic{
	{"count", UnitCount, Neither, "number of values", func(l *Latency) float64 { return float64(l.Count) }, false},
	{"min", UnitNS, Lower, "smallest", func(l *Latency) float64 { return float64(l.MinNS) }, false},
	{"mean", UnitNS, Lower, "mean", func(l *Latency) float64 { return l.MeanNS }, false},
	{"p50", UnitNS, Lower, "median", func(l *Latency) float64 { return float64(l.P50NS) }, true},
	{"p90", UnitNS, Lower, "90th percentile", func(l *Latency) float64 { return float64(l.P90NS) }, true},
	{"p95", UnitNS, Lower, "95th percentile", func(l *Latency) float64 { return float64(l.P95NS) }, true},
	{"p99", UnitNS, Lower, "99th percentile", func(l *Latency) float64 { return float64(l.P99NS) }, true},
	{"p999", UnitNS, Lower, "99.9th percentile", func(l *Latency) float64 { return float64(l.P999NS) }, true},
	{"p9999", UnitNS, Lower, "99.99th percentile", func(l *Latency) float64 { return float64(l.P9999NS) }, true},
	{"max", UnitNS, Lower, "largest", func(l *Latency) float64 { return float64(l.MaxNS) }, false},
}

// kindDocs says what each of kinds is.
var kindDocs = [len(kinds)]string{
	"response time, from when the arrival was due",
	"service time, from when its service began",
	"send delay, the generator's own lateness",
	"connecting, the TLS handshake or the wait for the first byte, of services that were asked for phases",
}

// timedOutcomes are those whose durations are known: all but unsent.
func timedOutcomes() (names []string) {
	for _, o := range Outcomes {
		if o != Unsent {
			names = append(names, o.String())
		}
	}
	return names
}

func latencies() []entry {
	var list []entry
	for _, kind := range kinds {
		for _, stat := range statistics {
			for _, outcome := range namesOf(kind) {
				list = append(list, stat.of(kind, outcome))
			}
		}
	}
	return list
}

// of is the metric of the statistic in one histogram.
func (s statistic) of(kind, outcome string) entry {
	return histogramEntry(kind, outcome, s, func(l *Latency) (float64, bool) { return s.get(l), true })
}

func histogramEntry(kind, outcome string, s statistic, get func(*Latency) (float64, bool)) entry {
	about := kindDocs[slices.Index(kinds[:], kind)]
	e := entry{
		Metric:  Metric{kind + "." + outcome + "." + s.name, s.unit, s.better, about + ": " + s.doc},
		pattern: kind + "." + braces(namesOf(kind)) + "." + s.name,
		get: func(r *Run) (float64, bool) {
			l := r.Latency.of(kind)[outcome]
			if l == nil || l.Count == 0 || !r.timed() {
				return 0, false
			}
			return get(l)
		},
	}
	if s.rounded {
		e.bounds = func(r *Run, v float64) (low, high float64) {
			from, to := r.Latency.of(kind)[outcome].bucket(int64(v))
			return float64(from), float64(to)
		}
	}
	return e
}

// otherPercentile is the metric at "response.ok.p98": any percentile beside those
// that stand in the file, read from the histogram. ok is false for what is none.
func otherPercentile(path string) (e entry, ok bool, err error) {
	kind, rest, _ := strings.Cut(path, ".")
	outcome, text, _ := strings.Cut(rest, ".")
	q, name, ok, err := percentile(text)
	if !ok || !slices.Contains(kinds[:], kind) || !slices.Contains(namesOf(kind), outcome) {
		return entry{}, false, nil
	}
	if err != nil {
		return entry{}, true, fmt.Errorf("metric %q: %w", path, err)
	}
	for _, s := range statistics {
		if s.name == name {
			return s.of(kind, outcome), true, nil
		}
	}
	s := statistic{name: name, unit: UnitNS, better: Lower, doc: "percentile", rounded: true}
	return histogramEntry(kind, outcome, s, func(l *Latency) (float64, bool) {
		d, err := Distribute(l)
		if err != nil || d == nil {
			return 0, false
		}
		return float64(d.at(q)), true
	}), true, nil
}

// Histogram is the one at a path of the metric grammar without its statistic, such as
// "response.ok", "service.rejected" or "classes.NAME.response_ok"; nil where the run has
// none, or none whose durations mean anything.
func (r *Run) Histogram(path string) *Latency {
	const any = ".p50"
	if s, name, whole, ok := cutPart(path + any); ok {
		part, ok := s.part(r, name)
		if !ok {
			return nil
		}
		return part.Histogram(strings.TrimSuffix(whole, any))
	}
	kind, outcome, _ := strings.Cut(path, ".")
	l := r.Latency.of(kind)[outcome]
	if l == nil || l.Count == 0 || !r.timed() {
		return nil
	}
	return l
}

// HistogramOf is the path of the histogram that a metric is of, "response.ok" of
// "response.ok.p99"; ok is false for what is of none.
func HistogramOf(metric string) (path string, ok bool) {
	at := strings.LastIndex(metric, ".")
	if at < 0 {
		return "", false
	}
	path = metric[:at]
	whole := path
	if _, _, inPart, ok := cutPart(metric); ok {
		whole = inPart[:strings.LastIndex(inPart, ".")]
	}
	kind, outcome, _ := strings.Cut(whole, ".")
	return path, slices.Contains(kinds[:], kind) && slices.Contains(namesOf(kind), outcome)
}

// anyPercentile lists them.
func anyPercentile() (list []Metric) {
	for i, kind := range kinds {
		list = append(list, Metric{
			kind + "." + braces(namesOf(kind)) + ".pNN", UnitNS, Lower,
			kindDocs[i] + ": any other percentile, such as p98, or p995 for 99.5",
		})
	}
	return list
}
