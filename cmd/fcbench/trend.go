package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/spf13/cobra"

	"github.com/fcbench/fcbench/results"
	"github.com/fcbench/fcbench/results/trend"
)

// trendOptions are the flags of trend.
type trendOptions struct {
	metrics []string
	seed    uint64
	json    bool
}

func newTrend(s streams) *cobra.Command {
	o := &trendOptions{}
	c := &cobra.Command{
		Use:   "trend FILE|DIRECTORY...",
		Short: "Find where stored results changed their level",
		Long: `Trend reads result files, or all *.jsonl of directories, and says of each subject where
a metric changed its level, by E-divisive with a permutation test. The repeats of a
subject in one file are one point. Where the machine, its software or the workload
changed, the series is cut: nothing is compared across. What went away again
is named erratic. It decides nothing: the exit code is 0 whatever it finds, and 13
where there is no data.`,
		Example: `  fcbench trend results/
  fcbench trend mon.jsonl tue.jsonl wed.jsonl --metric response.ok.p99`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error { return o.run(s, args) },
	}
	f := c.Flags()
	f.StringArrayVar(&o.metrics, "metric", nil, "metric to look at (repeatable; default those times and rates that the runs have; see fcbench list metrics)")
	f.Uint64Var(&o.seed, "seed", 1, "seed of the permutations")
	f.BoolVar(&o.json, "json", false, "what was found, and the points, as JSON")
	return c
}

func (o *trendOptions) run(s streams, args []string) error {
	files, err := o.read(s, args)
	if err != nil {
		return err
	}
	list, err := o.series(files)
	if len(list) > 0 {
		write := writeTrends
		if o.json {
			write = writeTrendsJSON
		}
		err = errors.Join(write(s.out, list), err)
	}
	return err
}

// foundSeries is a series and what it has shown.
type foundSeries struct {
	trend.Series
	trend.Found
}

// usualTrends are looked at where nothing is asked for, if there are any.
func usualTrends() []string {
	return []string{"response.ok.p50", "response.ok.p99", "goodput", "service.ok.p50", "cost.saturated.per_op"}
}

func (o *trendOptions) series(files []trend.File) (list []foundSeries, errs error) {
	asked := o.metrics
	if len(asked) == 0 {
		asked = usualTrends()
	}
	for _, path := range asked {
		found, err := trend.Collect(files, path)
		switch {
		case errors.Is(err, results.ErrNoData) && len(o.metrics) == 0:
			continue
		case errors.Is(err, results.ErrNoData):
			errs = errors.Join(errs, failure{exitNoData, err})
		case err != nil:
			errs = errors.Join(errs, usage(err))
		}
		for _, one := range found {
			where, err := one.Find(o.seed)
			if err != nil {
				errs = errors.Join(errs, fmt.Errorf("%s, %s: %s: %w", one.Scenario, one.Trial, path, err))
				continue
			}
			list = append(list, foundSeries{one, where})
		}
	}
	if len(list) == 0 && errs == nil {
		return nil, fail(exitNoData, "no run has any of %q; want one that --metric names", asked)
	}
	return list, errs
}

// read reads files and those of directories.
func (o *trendOptions) read(s streams, args []string) (files []trend.File, errs error) {
	var names []string
	for _, arg := range args {
		if info, err := os.Stat(arg); err == nil && info.IsDir() {
			inside, _ := filepath.Glob(filepath.Join(arg, "*.jsonl")) // a pattern that is none has no match
			if len(inside) == 0 {
				errs = errors.Join(errs, fail(exitNoData, "directory %s has no *.jsonl", arg))
			}
			names = append(names, inside...)
			continue
		}
		names = append(names, arg)
	}
	slices.Sort(names)
	for _, name := range slices.Compact(names) {
		runs, err := readResults(name)
		if errors.Is(err, results.ErrCutOff) && len(runs) > 0 {
			s.say(fmt.Sprintf("%v; looking at the %d whole runs", err, len(runs)))
			err = nil
		}
		errs = errors.Join(errs, err)
		files = append(files, trend.File{Name: name, Runs: runs})
	}
	return files, errs
}
