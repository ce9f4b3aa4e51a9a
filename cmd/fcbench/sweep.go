package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/fcbench/fcbench/internal/redisproc"
	"github.com/fcbench/fcbench/internal/scenario"
	"github.com/fcbench/fcbench/internal/strictyaml"
	"github.com/fcbench/fcbench/results"
)

// sweep is what comes of one document: its scenario, or one for every combination
// of a matrix. They are reported together.
type sweep []*scenario.Scenario

// scenarios builds every scenario before the first is run.
func (o *runOptions) scenarios(files []string) ([]sweep, error) {
	axes, err := o.axes()
	if err != nil {
		return nil, usage(err)
	}
	docs, err := o.documents(files)
	if err != nil {
		return nil, err
	}
	var all []sweep
	var problems strictyaml.Problems
	for _, doc := range docs {
		one, err := scenario.All(doc, axes)
		if err == nil {
			err = o.fit(one)
		}
		var more strictyaml.Problems
		switch {
		case errors.As(err, &more):
			problems = append(problems, more...)
		case err != nil:
			return nil, err
		default:
			all = append(all, one)
		}
	}
	return all, problems.Err()
}

// fit refuses what cannot be run in the time, or on the Redis, that was asked for.
func (o *runOptions) fit(all sweep) error {
	for _, sc := range all {
		if o.virtual {
			if err := sc.CheckVirtual(); err != nil {
				return err
			}
		}
		if o.redis != "" {
			if err := sc.CheckFaults(redisproc.External); err != nil {
				return err
			}
		}
	}
	return nil
}

// axes are those of the flags.
func (o *runOptions) axes() (axes []scenario.Axis, err error) {
	for _, text := range o.sweeps {
		a, problem := scenario.NewAxis("--sweep", text)
		for _, set := range o.sets {
			if path, _, _ := strings.Cut(set, "="); path == a.Path {
				problem = errors.Join(problem, fmt.Errorf("--set %s stands beside --sweep %s; want one of the two", path, path))
			}
		}
		axes, err = append(axes, a), errors.Join(err, problem)
	}
	return axes, err
}

// front is the metrics of --pareto.
func (o *runOptions) front() (metrics []results.Metric, err error) {
	if o.pareto == "" {
		if o.flags.Changed("pareto") {
			err = errors.New("--pareto is empty; want two metrics, such as outcomes.ok,accuracy.burst_excess")
		}
		return nil, err
	}
	for path := range strings.SplitSeq(o.pareto, ",") {
		m, problem := results.MetricOf(strings.TrimSpace(path))
		switch {
		case problem != nil:
			err = errors.Join(err, fmt.Errorf("--pareto: %w", problem))
		case m.Better == results.Neither:
			err = errors.Join(err, fmt.Errorf("--pareto: %s is better neither way; want a metric of which less or more is better", m.Path))
		}
		metrics = append(metrics, m)
	}
	if err == nil && (len(metrics) != 2 || metrics[0].Path == metrics[1].Path) {
		err = fmt.Errorf("--pareto is %q; want two metrics, such as outcomes.ok,accuracy.burst_excess", o.pareto)
	}
	return metrics, err
}
