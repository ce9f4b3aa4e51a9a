package results

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/fcbench/fcbench/internal/nearest"
)

// Metric is one number of a run. Its path is where the number stands in the
// result file, without "latency." and without the unit.
type Metric struct {
	Path   string
	Unit   string // one of the Unit constants
	Better Direction
	Doc    string
}

// The units of metrics.
const (
	UnitNS     = "ns"
	UnitRate   = "/s"
	UnitCount  = "count"
	UnitShare  = "share" // of 1
	UnitRatio  = "ratio"
	UnitTokens = "tokens"
	UnitBytes  = "bytes"
)

// Direction says which change of a metric is an improvement.
type Direction uint8

// The directions. Neither is for numbers that describe the work.
const (
	Neither Direction = iota + 1
	Lower
	Higher
	NearZero
)

// String returns the direction's name in listings.
func (d Direction) String() string {
	return [...]string{"", "neither", "lower", "higher", "near zero"}[d]
}

// Prefers reports whether a is better than b. Neither prefers none.
func (d Direction) Prefers(a, b float64) bool {
	switch d {
	case Lower:
		return a < b
	case Higher:
		return a > b
	case NearZero:
		return math.Abs(a) < math.Abs(b)
	}
	return false
}

// MetricOf is the metric at path; for an unknown path the error names the nearest ones.
func MetricOf(path string) (Metric, error) {
	e, err := lookup(path)
	return e.Metric, err
}

// ErrNoData says that a run has no value for a metric, such as the accuracy of
// a subject that is no limiter.
var ErrNoData = errors.New("no data")

// getter reads a metric; ok is false when the run lacks it.
type getter func(*Run) (v float64, ok bool)

// Value returns the metric at path. The error is [ErrNoData] when the metric
// exists but the run lacks it; for an unknown path it names the nearest ones.
func Value(run *Run, path string) (float64, Metric, error) {
	e, err := lookup(path)
	if err != nil {
		return 0, Metric{}, err
	}
	v, ok := e.read(run)
	if !ok {
		return 0, e.Metric, fmt.Errorf("%s: %w", path, ErrNoData)
	}
	return v, e.Metric, nil
}

// Metrics lists the metrics. Those that differ in one name only are one entry,
// whose path has {a,b} for either name and NAME for the name of a class or request.
func Metrics() []Metric {
	var list []Metric
	for _, e := range catalogue {
		m := e.Metric
		m.Path = e.pattern
		if len(list) == 0 || !slices.Contains(list, m) {
			list = append(list, m)
		}
	}
	list = append(list, anyPercentile()...)
	status, _ := statusMetric("statuses.200")
	share, _ := statusMetric("statuses.200.share")
	status.Path, share.Path = statusPrefix+"{200,…,2xx,…}", statusPrefix+"{200,…,2xx,…}"+statusShare
	list = append(list, status.Metric, share.Metric)
	for _, m := range slices.Clone(list) {
		part, ok := partOf(m.Path)
		for _, s := range sections {
			if m.Path = s.name + ".NAME." + part; ok {
				list = append(list, m)
			}
		}
	}
	return list
}

// read is the metric of run; ok is false where nothing measured it.
func (e entry) read(run *Run) (v float64, ok bool) {
	if run.absent.has(e.Path) {
		return 0, false
	}
	return e.get(run)
}

// lookup finds the metric at path. Whether a class or request exists depends on the run.
func lookup(path string) (entry, error) {
	if s, name, whole, ok := cutPart(path); ok {
		return s.metric(name, path, whole)
	}
	if e, ok := statusMetric(path); ok {
		return e, nil
	}
	for _, e := range catalogue {
		if e.Path == path {
			return e, nil
		}
	}
	if e, ok, err := otherPercentile(path); ok {
		return e, err
	}
	return entry{}, unknownMetric(path)
}

// unknownMetric names the metrics nearest to path.
func unknownMetric(path string) error {
	for _, s := range sections {
		if strings.HasPrefix(path, s.name+".") {
			return fmt.Errorf("metric %q is unknown; want %[2]s.NAME.offered, %[2]s.NAME.outcomes.ok, "+
				"%[2]s.NAME.response_ok.p99 or the like", path, s.name)
		}
	}
	known := make([]string, len(catalogue))
	for i, e := range catalogue {
		known[i] = e.Path
	}
	var near [3]string
	for i := range near {
		known = nearest.First(strings.TrimPrefix(path, "latency."), known)
		near[i], known = known[0], known[1:]
	}
	return fmt.Errorf("metric %q is unknown; want one like %s (`fcbench list metrics` has them all)",
		path, strings.Join(near[:], ", "))
}
