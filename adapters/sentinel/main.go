// Sentinel is the flow control of github.com/alibaba/sentinel-golang as a
// program for exec:.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/alibaba/sentinel-golang/api"
	"github.com/alibaba/sentinel-golang/core/base"
	"github.com/alibaba/sentinel-golang/core/config"
	"github.com/alibaba/sentinel-golang/core/flow"
	"github.com/alibaba/sentinel-golang/logging"
	"github.com/alibaba/sentinel-golang/util"

	"github.com/fcbench/fcbench/adapters/internal/serve"
	"github.com/fcbench/fcbench/internal/units"
	"github.com/fcbench/fcbench/limiters"
)

const version = "v1.0.4"

// resource is the only one: rules are loaded for resources by name, not for
// whoever may turn up.
const resource = "fcbench"

func main() { serve.Main("sentinel", open) }

// rejecting is one resource under one rule of direct rejection. It is not for
// concurrent use: the clock, which is the process's, is put before each call.
type rejecting struct {
	limiters.Described // what the library says it is, for the limit and the bound
	clock              *clock
}

// open starts the library and loads a rule as its example for QPS does:
// calculated directly, rejected at once, Threshold within StatIntervalInMs.
//
// The documentation of Rule has the threshold hold during the interval, and that
// of the statistics has them collected in a sliding window of it.
func open(w serve.Wanted) (serve.Limiter, error) {
	limit := w.Limit
	model, err := limiters.NewSlidingWindowLog(limiters.WindowConfig{Rate: limit.Rate, Window: units.Duration(limit.Rate.Per)})
	if err != nil {
		return nil, err
	}
	window := model.Info().Limit.Period
	if window%time.Millisecond != 0 || window > 10*time.Minute {
		return nil, fmt.Errorf("window is %v; want whole milliseconds, and at most 10m", window)
	}
	r := &rejecting{model, &clock{start: time.Unix(946_684_800, 0).Truncate(window)}} // from about 2000
	util.SetClock(r.clock)
	if err := initialise(); err != nil {
		return nil, err
	}
	_, err = flow.LoadRules([]*flow.Rule{{
		Resource: resource, TokenCalculateStrategy: flow.Direct, ControlBehavior: flow.Reject,
		Threshold: float64(model.Info().Limit.Rate), StatIntervalInMs: uint32(window / time.Millisecond),
	}})
	return r, err
}

// initialise leaves out what measures the machine and writes logs beside.
func initialise() error {
	nowhere, err := logging.NewSimpleFileLogger(os.DevNull)
	if err != nil {
		return err
	}
	c := config.NewDefaultConfig()
	c.Sentinel.Log.Logger = nowhere
	c.Sentinel.Log.Metric.FlushIntervalSec = 0
	c.Sentinel.Stat.System = config.SystemStatConfig{}
	c.Sentinel.UseCacheTime = false // a ticker that reads the clock now and then
	return api.InitWithConfig(c)
}

// Info implements [limiters.Described].
func (r *rejecting) Info() limiters.Info {
	info := r.Described.Info()
	info.Version, info.State, info.Resolution, info.Unkeyed = version, "a count per half second, atomic", time.Millisecond, true
	info.Lacks = []string{"keys, except as resources with a rule each", "peek", "retry-after", "remaining", "reset-after"}
	return info
}

// Allow implements [limiters.Limiter].
func (r *rejecting) Allow(_ context.Context, now time.Duration, _ string, n int64) (limiters.Decision, error) {
	if n < 1 || n > 1<<32-1 {
		return limiters.Decision{}, errors.New("cost is out of range; want at least 1, and 32 bits")
	}
	r.clock.now = now
	entry, blocked := api.Entry(resource, api.WithTrafficType(base.Inbound), api.WithBatchCount(uint32(n)))
	if blocked == nil {
		entry.Exit()
	}
	return limiters.Whether(blocked == nil, now), nil
}

// clock stands where it was put.
type clock struct {
	start time.Time
	now   time.Duration
}

func (c *clock) Now() time.Time            { return c.start.Add(c.now) }
func (c *clock) Sleep(time.Duration)       {}
func (c *clock) CurrentTimeMillis() uint64 { return uint64(c.Now().UnixMilli()) }
func (c *clock) CurrentTimeNano() uint64   { return uint64(c.Now().UnixNano()) }
