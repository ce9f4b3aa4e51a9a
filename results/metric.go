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
// whose path has {a,b} for either name and NAME for the name of a class.
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
		if part, ok := classPart(m.Path); ok {
			m.Path = classPrefix + "NAME." + part
			list = append(list, m)
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

// lookup finds the metric at path. Whether a class exists depends on the run.
func lookup(path string) (entry, error) {
	if name, whole, ok := cutClass(path); ok {
		return inClass(name, path, whole)
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

// inClass is the metric at whole of the class name as a run of its own.
func inClass(name, path, whole string) (entry, error) {
	e, err := lookup(whole)
	if err != nil {
		if _, is, _ := otherPercentile(whole); !is {
			err = unknownMetric(path)
		}
		return entry{}, err
	}
	alone := e
	e.Path = path
	e.get = func(run *Run) (float64, bool) {
		part, ok := run.class(name)
		if !ok {
			return 0, false
		}
		return alone.read(part)
	}
	if alone.bounds != nil {
		e.bounds = func(run *Run, v float64) (low, high float64) {
			part, _ := run.class(name)
			return alone.bounds(part, v)
		}
	}
	return e, nil
}

const (
	classPrefix   = "classes."
	classResponse = "response_ok." // in a class, for responseOK in a run
	responseOK    = "response.ok."
)

// classPart says how the metric of a run at path is called within a class, if
// classes have it.
func classPart(path string) (part string, ok bool) {
	if stat, ok := strings.CutPrefix(path, "response.{"); ok {
		_, stat, _ = strings.Cut(stat, "}.")
		return classResponse + stat, true
	}
	return path, path == "offered" || strings.HasPrefix(path, "outcomes.")
}

// cutClass splits "classes.NAME.PART" into the class and the path that PART
// has in a run. Names may have dots.
func cutClass(path string) (name, whole string, ok bool) {
	rest, ok := strings.CutPrefix(path, classPrefix)
	if !ok {
		return "", "", false
	}
	if name, ok = strings.CutSuffix(rest, ".offered"); ok {
		return name, "offered", true
	}
	if i := strings.LastIndex(rest, ".outcomes."); i >= 0 {
		return rest[:i], rest[i+1:], true
	}
	if i := strings.LastIndex(rest, "."+classResponse); i >= 0 {
		return rest[:i], responseOK + rest[i+1+len(classResponse):], true
	}
	return "", "", false
}

// class is a class of run as a run of its own.
func (run *Run) class(name string) (part *Run, ok bool) {
	c, ok := run.Classes[name]
	if !ok {
		return nil, false
	}
	part = &Run{
		Time: "real", Offered: c.Offered, Outcomes: c.Outcomes,
		Latency: Latencies{Response: map[string]*Latency{OK.String(): c.Response}},
		absent:  run.absent.inClass(name),
	}
	if !run.timed() {
		part.Latency = Latencies{}
	}
	return part, true
}

// unknownMetric names the metrics nearest to path.
func unknownMetric(path string) error {
	if strings.HasPrefix(path, classPrefix) {
		return fmt.Errorf("metric %q is unknown; want classes.NAME.offered, classes.NAME.outcomes.ok, "+
			"classes.NAME.response_ok.p99 or the like", path)
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
