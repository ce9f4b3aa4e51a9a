package compare

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/fcbench/fcbench/results"
)

// pair compares two comparable trials.
func pair(base, other trial, o Options) (Pair, []error) {
	p := Pair{
		Scenario: sharedScenario(base, other), Name: pairName(base, other),
		Base: base.label, Other: other.label, OfFiles: base.file != "", Simulated: base.Runs[0].Simulated,
	}
	metrics, chosen := o.Metrics, len(o.Metrics) > 0
	if !chosen {
		metrics = defaultMetrics(!base.virtual() && (base.served() || other.served()))
	}
	var errs []error
	for _, path := range metrics {
		d, err := compareMetric(path, base, other)
		switch {
		case err != nil:
			errs = append(errs, err)
		case chosen || d.Base.N+d.Other.N > 0:
			p.Differences = append(p.Differences, d)
		}
	}
	errs = append(errs, p.lacks(chosen)...)
	p.Shifts = p.shifts(base, other)
	p.Notes = slices.Concat(p.gap(base, other), unlike(base, other), p.design(), p.notes(), base.doubts(), other.doubts())
	return p, errs
}

// lacks says which of the chosen metrics a side has not got, or that there is
// none that both have.
func (p Pair) lacks(chosen bool) (errs []error) {
	compared := 0
	for _, d := range p.Differences {
		var lacking []string
		for _, side := range []struct {
			label string
			n     int
		}{{p.Base, d.Base.N}, {p.Other, d.Other.N}} {
			if side.n == 0 {
				lacking = append(lacking, side.label)
			}
		}
		switch {
		case len(lacking) == 0:
			compared++
		case chosen:
			errs = append(errs, fmt.Errorf("%w: %s: no %s in %s", ErrNoData, p.Name, d.Metric.Path, strings.Join(lacking, " and ")))
		}
	}
	if compared == 0 && len(errs) == 0 && !chosen {
		errs = append(errs, fmt.Errorf("%w: %s: no metric is on both sides", ErrNoData, p.Name))
	}
	return errs
}

// served reports whether what is known of times is the service alone: of subjects in
// process, whose response time would be the pacer's, and of what another tool timed from
// when requests were sent.
func (t trial) served() bool {
	r := t.Runs[0]
	return r.InProcess || r.Imported != nil && len(r.Latency.Response) == 0
}

// defaultMetrics are those by which limiters and services are chosen.
func defaultMetrics(served bool) []string {
	metrics := []string{"throughput", "goodput", "outcomes.ok.share", "outcomes.rejected.share"}
	times := []string{"response.ok.p50", "response.ok.p99", "response.ok.p999"}
	if served {
		times = []string{
			"service.ok.p50", "service.ok.p99", "service.rejected.p50", "service.rejected.p99",
			"cost.saturated.per_op", "cost.saturated.cpu_per_op",
		}
	}
	return append(append(metrics, times...),
		"accuracy.false_admits", "accuracy.false_denials", "accuracy.rate_error", "accuracy.burst_excess",
		"cost.cpu_per_op")
}

// compareMetric reads a metric from both sides. The error is about its name; a
// side may have no data.
func compareMetric(path string, base, other trial) (Difference, error) {
	before, m, err := base.values(path)
	if err != nil {
		return Difference{}, err
	}
	after, _, _ := other.values(path)
	pairs := false
	if pairable(base, other) {
		if a, b := inPairs(path, base, other); len(a) > 0 {
			before, after, pairs = a, b, true
		}
	}
	if base.limits() && other.limits() && m.Better == results.Higher && admits(path) {
		m.Better = results.Neither // to admit more is no virtue in a limiter
	}
	return difference(m, before, after, base.virtual() && other.virtual(), pairs), nil
}

// virtual reports whether the trial was made in virtual time, where a repeat
// can only repeat itself and one is as good as many.
func (t trial) virtual() bool { return t.Runs[0].Virtual() }

// limits reports whether the trial's subject was judged as a limiter.
func (t trial) limits() bool { return t.Runs[0].Accuracy != nil }

// admits reports whether a metric grows with every admission.
func admits(path string) bool { return path == "goodput" || strings.HasPrefix(path, "outcomes.ok") }

// values reads a metric from those repeats that have it.
func (t trial) values(path string) (all []float64, metric results.Metric, err error) {
	for i := range t.Runs {
		v, m, err := results.Value(&t.Runs[i], path)
		if err != nil && !errors.Is(err, results.ErrNoData) {
			return nil, m, err
		}
		if metric = m; err == nil {
			all = append(all, v)
		}
	}
	return all, metric, nil
}

// notes say what the numbers of a pair cannot be used for.
func (p Pair) notes() (notes []string) {
	tested, few, fewPairs := 0, 0, 0
	for _, d := range p.Differences {
		switch {
		case d.Change == NoData, d.Change == Same, d.Exact:
		case d.Tested:
			tested++
		case d.Paired:
			fewPairs++
		default:
			few++
		}
	}
	if few > 0 {
		notes = append(notes, fmt.Sprintf("with fewer than %d repeats a side nothing is tested: three against three have p = 0.1 however far apart they are", MinRepeats))
	}
	if fewPairs > 0 {
		notes = append(notes, fmt.Sprintf("with fewer than %d pairs nothing is tested: five have p = 0.06 however far apart they are", MinPairs))
	}
	if tested > 1 {
		notes = append(notes, fmt.Sprintf("p-values stand for one metric each: of %d that did not change, one in twenty still has p <= 0.05", tested))
	}
	return notes
}
