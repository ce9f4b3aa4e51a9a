package ci

import (
	"fmt"
	"math"
	"strings"

	"github.com/fcbench/fcbench/results"
)

// Measured is one run of one side: of fcbench, of a Go benchmark, or trials for its capacity.
type Measured struct {
	Run    *results.Run
	Bench  map[string]float64 // by unit
	Search *Searched
}

// Value is a metric of the run. What is not a finite number is an error.
func (m Measured) Value(path string) (float64, error) {
	v, ok := m.Bench[path]
	if m.Search != nil && path == capacityPath {
		v, ok = m.Search.value()
	}
	switch {
	case m.Run != nil:
		var err error
		if v, _, err = results.Value(m.Run, path); err != nil {
			return 0, err
		}
	case !ok:
		return 0, fmt.Errorf("%s: %w", path, results.ErrNoData)
	}
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return 0, fmt.Errorf("%s is %v; want a finite number", path, v)
	}
	return v, nil
}

// Unit is one subject of one scenario, or one benchmark, and what was measured of it.
type Unit struct {
	Scenario string
	Subject  string
	Digest   string // of the schedule, the same on both sides
	Pairs    []Pair
	Null     []Pair // both sides are A
	Expected Expected
}

// Expected is how much pairs are expected to differ where no earlier verdict knows it.
type Expected struct {
	PairSD float64 // of logarithms; 0 where nobody knows
	As     string  // what it is taken for
}

// Pair is a run of each side, one right after the other.
type Pair struct {
	Number int
	Order  string // AB or BA
	A, B   Measured
}

// id names a claim about a unit.
func (u *Unit) id(metric string) string { return u.Scenario + "/" + u.Subject + "/" + metric }

// unitOfID is the benchmark that an id is about.
func unitOfID(id string) (Unit, bool) {
	m, err := metricOfID(id)
	name := strings.TrimSuffix(id, "/"+m.Path)
	at := strings.Index(name, "/Benchmark")
	if err != nil || at < 0 {
		return Unit{}, false
	}
	return Unit{Scenario: name[:at], Subject: name[at+1:]}, true
}

// metricOfID is the metric that an id ends with.
func metricOfID(id string) (results.Metric, error) {
	for _, m := range append(benchMetrics(), capacityMetric(overRate)) {
		if strings.HasSuffix(id, "/"+m.Path) {
			return m, nil
		}
	}
	return results.MetricOf(id[strings.LastIndex(id, "/")+1:])
}
