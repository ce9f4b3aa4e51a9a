package compare

import (
	"errors"
	"fmt"

	"github.com/fcbench/fcbench/results"
)

// pair compares two comparable trials.
func pair(base, other trial, o Options) (Pair, error) {
	p := Pair{Base: base.name(), Other: other.name()}
	metrics, chosen := o.Metrics, len(o.Metrics) > 0
	if !chosen {
		metrics = defaultMetrics(base[0].InProcess && other[0].InProcess)
	}
	var errs []error
	for _, path := range metrics {
		d, err := compareMetric(path, base, other)
		switch {
		case errors.Is(err, ErrNoData) && !chosen:
		case err != nil:
			errs = append(errs, err)
		default:
			p.Differences = append(p.Differences, d)
		}
	}
	if len(p.Differences) == 0 && len(errs) == 0 {
		errs = append(errs, fmt.Errorf("%w: %s and %s have no metric in common", ErrNoData, p.Base, p.Other))
	}
	p.Notes = p.notes()
	return p, errors.Join(errs...)
}

// defaultMetrics are those by which limiters and services are chosen. The time
// of an in-process subject is that of its calls.
func defaultMetrics(inProcess bool) []string {
	metrics := []string{"throughput", "goodput", "outcomes.ok.share", "outcomes.rejected.share"}
	times := []string{"response.ok.p50", "response.ok.p99", "response.ok.p99.9"}
	if inProcess {
		times = []string{
			"service.ok.p50", "service.ok.p99", "service.rejected.p50", "service.rejected.p99",
			"cost.saturated.per_op", "cost.saturated.cpu_per_op",
		}
	}
	return append(append(metrics, times...),
		"accuracy.false_admits", "accuracy.false_denials", "accuracy.rate_error", "accuracy.burst_excess",
		"cost.cpu_per_op")
}

func compareMetric(path string, base, other trial) (Difference, error) {
	before, m, err := values(path, base)
	if err != nil {
		return Difference{}, err
	}
	after, _, err := values(path, other)
	if err != nil {
		return Difference{}, err
	}
	return difference(m, before, after), nil
}

// values reads a metric from those repeats that have it, at least one.
func values(path string, t trial) ([]float64, results.Metric, error) {
	var all []float64
	var metric results.Metric
	for i := range t {
		v, m, err := results.Value(&t[i], path)
		if errors.Is(err, results.ErrNoData) {
			continue
		}
		if err != nil {
			return nil, m, err
		}
		all, metric = append(all, v), m
	}
	if len(all) == 0 {
		return nil, metric, fmt.Errorf("%w: %s has no %s", ErrNoData, t.name(), path)
	}
	return all, metric, nil
}

// notes say what the numbers of a pair cannot be used for.
func (p Pair) notes() []string {
	tested, untested := 0, 0
	for _, d := range p.Differences {
		switch {
		case d.exact():
		case d.Tested:
			tested++
		default:
			untested++
		}
	}
	var notes []string
	if untested > 0 {
		notes = append(notes, fmt.Sprintf("with fewer than %d repeats a side no test can reach significance: measure again with more repeats", MinRepeats))
	}
	if tested > 1 {
		notes = append(notes, fmt.Sprintf("p-values stand for one metric each: of %d unchanged metrics, one in twenty has p < 0.05 by chance", tested))
	}
	return notes
}
