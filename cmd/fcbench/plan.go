package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/fcbench/fcbench/internal/dial"
	"github.com/fcbench/fcbench/internal/experiment"
	"github.com/fcbench/fcbench/internal/hostinfo"
	"github.com/fcbench/fcbench/internal/redisproc"
	"github.com/fcbench/fcbench/internal/scenario"
)

// plan starts what the scenario needs and returns how to end it again.
func (o *runOptions) plan(ctx context.Context, s streams, sc *scenario.Scenario) (*experiment.Plan, func() error, error) {
	dialer, err := dial.New(sc.AllowHosts)
	if err != nil {
		return nil, nil, usage(err)
	}
	if err := checkHosts(ctx, dialer, sc); err != nil {
		return nil, nil, err
	}
	p := &experiment.Plan{
		Scenario: sc, Virtual: o.virtual, Dial: dialer.DialContext, Host: hostinfo.Read(),
		Prefix: fmt.Sprintf("fcbench:%d:%x", os.Getpid(), time.Now().UnixNano()),
	}
	if p.Schedule, err = digest(sc); err != nil {
		return nil, nil, err
	}
	if !sc.NeedsRedis() {
		return p, func() error { return nil }, nil
	}
	if p.Redis, err = redisproc.Start(ctx, redisproc.Options{Addr: o.redis, Dialer: dialer}); err != nil {
		return nil, nil, err
	}
	p.Host.Redis = p.Redis.String()
	if p.Redis.Simulated() {
		fmt.Fprintln(s.err, "fcbench: no redis-server on PATH: Redis limiters run on an embedded stand-in and their speed means nothing")
	}
	return p, p.Redis.Close, nil
}

// checkHosts refuses hosts that may not be sent to before anything is sent.
func checkHosts(ctx context.Context, d *dial.Dialer, sc *scenario.Scenario) error {
	for _, host := range sc.Hosts() {
		if err := d.Check(ctx, host); err != nil {
			return err
		}
	}
	return nil
}

// dryRun prints what would be done.
func dryRun(w io.Writer, all []*scenario.Scenario, o *runOptions) error {
	for _, sc := range all {
		info, err := digest(sc)
		if err != nil {
			return err
		}
		plan := experiment.Plan{Scenario: sc}
		order := plan.Order()
		fmt.Fprintf(w, "scenario  %s\nload      %s\nschedule  seed %d, digest %s, %d arrivals a run\n", sc.Name, sc.LoadJSON(), info.Seed, info.Digest, info.Arrivals)
		fmt.Fprintf(w, "workload  %s\nkeys      %d\n", sc.WorkloadJSON(), sc.Workload.KeyCount())
		fmt.Fprintf(w, "time      %v a run, %d runs\n", sc.Warmup+sc.Window, len(order))
		if hosts := sc.Hosts(); len(hosts) > 0 {
			fmt.Fprintf(w, "hosts     %s\n", strings.Join(hosts, ", "))
		}
		if sc.NeedsRedis() {
			fmt.Fprintf(w, "redis     %s\n", redisWords(o.redis))
		}
		for i, job := range order {
			fmt.Fprintf(w, "run %-5d %s, repeat %d\n", i+1, job.Subject.Name, job.Repeat)
		}
	}
	return nil
}

func redisWords(addr string) string {
	if addr == "" {
		return "started for the run, or embedded where there is none"
	}
	return "the one named by --redis"
}
