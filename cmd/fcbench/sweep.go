package main

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

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
	axes, err := axesOf(o.sweeps, o.sets)
	if err != nil {
		return nil, usage(err)
	}
	docs, err := o.documents(files)
	if err != nil {
		return nil, err
	}
	var all []sweep
	var problems strictyaml.Problems
	var without leftOut
	for _, doc := range docs {
		one, err := scenario.All(doc.Node, axes)
		if err == nil && o.virtual && !slices.Contains(o.only, doc.workload) && without.take(doc, one) {
			continue
		}
		if err == nil {
			err = o.fit(one)
		}
		if err == nil {
			err = doc.join(one)
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
		without.keep(doc)
	}
	problems = append(problems, without.problems()...)
	o.without = without.said()
	return all, problems.Err()
}

// written is a document, and which of several workloads of a file it is of.
type written struct {
	*strictyaml.Node
	of       *strictyaml.Node // the file's; nil where it stands for itself
	workload string
}

// join makes scenarios part of a league, where they are: of pipelines under several
// workloads.
func (d written) join(all sweep) error {
	for _, sc := range all {
		sc.League = d.of != nil && !slices.ContainsFunc(sc.Subjects, func(sub scenario.Subject) bool { return !sub.Pipeline() })
		if sc.League {
			if err := sc.CheckLeague(); err != nil {
				return err
			}
		}
	}
	return nil
}

// warnOfLength says how long leagues take in real time, at least, and what takes less.
func (o *runOptions) warnOfLength(w io.Writer, all []sweep) {
	var length time.Duration
	runs := 0
	for _, sc := range slices.Concat(all...) {
		if sc.League {
			n := len(sc.Subjects) * sc.Repeats
			length, runs = length+time.Duration(n)*(sc.Warmup+sc.Window), runs+n
		}
	}
	if runs > 0 {
		fmt.Fprintf(w, "fcbench: note: %d runs in real time take %v at least; --virtual takes none%s\n", runs, results.Short(length), o.fewer())
	}
}

// fewer names the flags that make fewer runs and were not given.
func (o *runOptions) fewer() string {
	switch chosen := len(o.only) > 0; {
	case o.shortens && !chosen:
		return ", --quick and --only make fewer"
	case o.shortens:
		return ", --quick makes fewer"
	case !chosen:
		return ", --only makes fewer"
	}
	return ""
}

// chosen is what of a document is to be run, as its own documents.
func (o *runOptions) chosen(doc *strictyaml.Node) ([]written, error) {
	o.shortens = o.shortens || !o.short && doc.Get("quick") != nil
	if o.short {
		said, err := scenario.Quick(doc)
		if err == nil && !said {
			err = usage(errors.New("--quick has no effect here; want a file that says what is quick: quick: {subjects: […], workloads: […]}"))
		}
		if err != nil {
			return nil, err
		}
	}
	if len(o.only) > 0 {
		if err := scenario.Only(doc, "--only", o.only); err != nil {
			return nil, err
		}
	}
	if doc.Get("workloads") == nil {
		return []written{{Node: doc}}, nil
	}
	o.call(doc)
	docs, err := scenario.Several(doc)
	var all []written
	for _, one := range docs {
		all = append(all, written{one, doc, strings.TrimPrefix(one.Get("name").String(), doc.Get("name").String()+"/")})
	}
	return all, err
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

// axesOf are those of the flags --sweep, beside --set.
func axesOf(sweeps, sets []string) (axes []scenario.Axis, err error) {
	for _, text := range sweeps {
		a, problem := scenario.NewAxis("--sweep", text)
		for _, set := range sets {
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
