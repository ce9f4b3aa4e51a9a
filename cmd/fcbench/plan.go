package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"github.com/fcbench/fcbench/internal/experiment"
	"github.com/fcbench/fcbench/internal/redisproc"
	"github.com/fcbench/fcbench/internal/scenario"
	"github.com/fcbench/fcbench/results"
)

// checkRedis refuses an address that was given and is none.
func checkRedis(flags *pflag.FlagSet, addr string) error {
	if !flags.Changed("redis") {
		return nil
	}
	if addr == "" {
		return usage(errors.New("--redis is empty; want an address, or the flag left out for a Redis of fcbench's own"))
	}
	if err := redisproc.CheckAddr(addr); err != nil {
		return usage(fmt.Errorf("--redis: %w", err))
	}
	return nil
}

// newWorld is what all runs of a call share of the outside.
func newWorld(s streams, redis string) *experiment.World {
	return experiment.NewWorld(redis, s.say)
}

// prepare makes plans of all scenarios, or says everything that is wrong with them.
func prepare(ctx context.Context, w *experiment.World, all []sweep, t results.Time, warn io.Writer) ([][]*experiment.Plan, error) {
	sets := make([][]*experiment.Plan, len(all))
	var err error
	for i, scenarios := range all {
		tell(warn, scenarios...)
		plans, problem := w.PrepareAll(ctx, scenarios, t)
		sets[i], err = plans, errors.Join(err, problem)
	}
	return sets, unfit(ctx, err)
}

// tell says what the user should know of scenarios beside what was asked for, once.
func tell(w io.Writer, all ...*scenario.Scenario) {
	var said []string
	for _, sc := range all {
		for _, note := range sc.Notes {
			if !slices.Contains(said, note) {
				said = append(said, note)
				fmt.Fprintln(w, "fcbench: note:", note)
			}
		}
	}
}

// unfit makes what cannot be done as asked for an error of the command line, and
// what a signal cut short an interruption.
func unfit(ctx context.Context, err error) error {
	var wrong *experiment.Unfit
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return interrupted(ctx)
	case errors.As(err, &wrong):
		return usage(err)
	}
	return err
}

// dryRun prints what would be done.
func dryRun(w io.Writer, sets [][]*experiment.Plan, redis string) error {
	for _, plans := range sets {
		for _, p := range plans {
			if err := describePlan(w, p, redis); err != nil {
				return err
			}
		}
		order := experiment.Order(plans)
		if len(plans) > 1 {
			fmt.Fprintf(w, "sweep     %d combinations, %d runs\n", len(plans), len(order))
		}
		for i, job := range order {
			fmt.Fprintf(w, "run %-5d %s, repeat %d\n", i+1, job.Subject.Name, job.Repeat)
		}
	}
	return nil
}

func describePlan(w io.Writer, p *experiment.Plan, redis string) error {
	sc := p.Scenario
	load, err := json.Marshal(sc.LoadInfo())
	if err != nil {
		return err
	}
	fmt.Fprintf(w, "scenario  %s\n", sc.Name)
	for _, param := range results.Settings(sc.Params) {
		fmt.Fprintf(w, "with      %s %s\n", param.Name, param.Text())
	}
	fmt.Fprintf(w, "load      %s\n", load)
	fmt.Fprintf(w, "schedule  seed %d, digest %s, %d arrivals a run\n", p.Schedule.Seed, p.Schedule.Digest, p.Schedule.Arrivals)
	fmt.Fprintf(w, "workload  %s\nkeys      %d\n", sc.WorkloadJSON(), sc.Workload.KeyCount())
	fmt.Fprintf(w, "time      %s, %d runs\n", lengthWords(sc), len(sc.Subjects)*sc.Repeats)
	if hosts := sc.Hosts(); len(hosts) > 0 {
		fmt.Fprintf(w, "hosts     %s\n", strings.Join(hosts, ", "))
	}
	if sc.NeedsRedis() {
		fmt.Fprintf(w, "redis     %s\n", redisWords(redis, len(sc.Faults) > 0))
	}
	for _, f := range sc.Faults {
		fmt.Fprintf(w, "fault     %v\n", f)
	}
	return nil
}

func lengthWords(sc *scenario.Scenario) string {
	if sc.Window == 0 {
		return fmt.Sprintf("until %d arrivals", sc.Count)
	}
	return fmt.Sprintf("%v a run", sc.Warmup+sc.Window)
}

func redisWords(addr string, broken bool) string {
	switch {
	case broken:
		return "started for the run, and broken"
	case addr == "":
		return "started for the run, or embedded where there is none"
	}
	return "the one named by --redis"
}
