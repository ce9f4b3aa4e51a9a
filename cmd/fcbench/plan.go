package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/spf13/pflag"

	"github.com/fcbench/fcbench/internal/dial"
	"github.com/fcbench/fcbench/internal/experiment"
	"github.com/fcbench/fcbench/internal/hostinfo"
	"github.com/fcbench/fcbench/internal/redisproc"
	"github.com/fcbench/fcbench/internal/scenario"
)

// world is what all scenarios of a call share of the outside: one Redis.
type world struct {
	redisAddr string
	virtual   bool
	warn      io.Writer

	mu     sync.Mutex // close may come from a signal
	redis  *redisproc.Server
	dialer *dial.Dialer
}

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

// plans checks what can be checked without sending: hosts, rates, schedules.
func (w *world) plans(ctx context.Context, all []*scenario.Scenario) ([]*experiment.Plan, error) {
	var hosts []string
	for _, sc := range all {
		hosts = append(hosts, sc.AllowHosts...)
	}
	var err error
	if w.dialer, err = dial.New(hosts); err != nil {
		return nil, usage(err)
	}
	plans := make([]*experiment.Plan, len(all))
	for i, sc := range all {
		p, problem := w.plan(ctx, sc)
		plans[i], err = p, errors.Join(err, problem)
	}
	return plans, err
}

func (w *world) plan(ctx context.Context, sc *scenario.Scenario) (*experiment.Plan, error) {
	dialer, err := dial.New(sc.AllowHosts)
	if err != nil {
		return nil, usage(err)
	}
	for _, host := range sc.Hosts() {
		err = errors.Join(err, dialer.Check(ctx, host))
	}
	if err != nil {
		return nil, err
	}
	p := &experiment.Plan{
		Scenario: sc, Virtual: w.virtual, Dial: dialer.DialContext, Host: hostinfo.Read(),
		Prefix: fmt.Sprintf("fcbench:%d:%x", os.Getpid(), time.Now().UnixNano()),
	}
	tell(w.warn, sc)
	p.Schedule, err = digest(ctx, sc)
	return p, err
}

// tell says what the user should know of a scenario beside what was asked for.
func tell(w io.Writer, sc *scenario.Scenario) {
	for _, note := range sc.Notes {
		fmt.Fprintln(w, "fcbench: note:", note)
	}
}

// open starts or finds the Redis that some plan needs.
func (w *world) open(ctx context.Context, plans []*experiment.Plan) error {
	for _, p := range plans {
		if !p.Scenario.NeedsRedis() {
			continue
		}
		if err := w.startRedis(ctx); err != nil {
			return err
		}
		if err := p.Scenario.CheckFaults(w.redis.Info().Mode); err != nil {
			return err
		}
		p.Redis, p.Host.Redis = w.redis, w.redis.String()
	}
	return nil
}

func (w *world) startRedis(ctx context.Context) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.redis != nil {
		return nil
	}
	server, err := redisproc.Start(ctx, redisproc.Options{Addr: w.redisAddr, Dialer: w.dialer})
	if err != nil {
		return err
	}
	if server.Simulated() {
		fmt.Fprintln(w.warn, "fcbench: no redis-server on PATH: Redis limiters run on an embedded stand-in and their speed means nothing")
	}
	w.redis = server
	return nil
}

// close ends what was started. It may be called twice.
func (w *world) close() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.redis == nil {
		return nil
	}
	server := w.redis
	w.redis = nil
	return server.Close()
}

// dryRun prints what would be done.
func dryRun(w io.Writer, plans []*experiment.Plan, redis string) error {
	for _, p := range plans {
		sc, order := p.Scenario, p.Order()
		load, err := json.Marshal(sc.LoadInfo())
		if err != nil {
			return err
		}
		fmt.Fprintf(w, "scenario  %s\nload      %s\n", sc.Name, load)
		fmt.Fprintf(w, "schedule  seed %d, digest %s, %d arrivals a run\n", p.Schedule.Seed, p.Schedule.Digest, p.Schedule.Arrivals)
		fmt.Fprintf(w, "workload  %s\nkeys      %d\n", sc.WorkloadJSON(), sc.Workload.KeyCount())
		fmt.Fprintf(w, "time      %s, %d runs\n", lengthWords(sc), len(order))
		if hosts := sc.Hosts(); len(hosts) > 0 {
			fmt.Fprintf(w, "hosts     %s\n", strings.Join(hosts, ", "))
		}
		if sc.NeedsRedis() {
			fmt.Fprintf(w, "redis     %s\n", redisWords(redis, len(sc.Faults) > 0))
		}
		for _, f := range sc.Faults {
			fmt.Fprintf(w, "fault     %v\n", f)
		}
		for i, job := range order {
			fmt.Fprintf(w, "run %-5d %s, repeat %d\n", i+1, job.Subject.Name, job.Repeat)
		}
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
