package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/fcbench/fcbench/generators"
	"github.com/fcbench/fcbench/internal/scenario"
	"github.com/fcbench/fcbench/internal/units"
	"github.com/fcbench/fcbench/results"
)

// closedDigest is how many requests stand for a closed loop whose number is
// not known beforehand.
const closedDigest = 1 << 16

// walk goes through the whole schedule once, warm-up included, and returns its
// digest and how many arrivals the measured window holds.
func walk(ctx context.Context, sc *scenario.Scenario, f func(*generators.Arrival) error) (d generators.Digest, measured uint64, err error) {
	arrivals, limit := arrivals(sc), sc.Count
	if sc.Load.Closed && limit == 0 {
		limit = closedDigest
	}
	busiest := ceiling{rate: sc.MaxRate}
	var a generators.Arrival
	for (limit == 0 || measured < limit) && arrivals.Next(&a) {
		d.Add(&a)
		if sc.Load.Closed || a.At >= sc.Warmup {
			measured++
		}
		if a.Seq%4096 == 0 && ctx.Err() != nil {
			return d, measured, interrupted(ctx)
		}
		if err := busiest.admit(&a); err != nil {
			return d, measured, err
		}
		if f != nil {
			if err := f(&a); err != nil {
				return d, measured, err
			}
		}
	}
	return d, measured, arrivals.Err()
}

// ceiling refuses schedules that bring more in any second than the user allows.
type ceiling struct {
	rate   units.Rate
	second time.Duration
	count  float64
}

func (c *ceiling) admit(a *generators.Arrival) error {
	if c.rate.IsZero() || c.rate.Unlimited {
		return nil
	}
	if s := a.At.Truncate(time.Second); s != c.second {
		c.second, c.count = s, 0
	}
	if c.count++; c.count > c.rate.PerSecond() {
		return usage(fmt.Errorf("the schedule sends more than max_rate, %v, in the second that begins at %v; want a lower rate or a higher --max-rate", c.rate, c.second))
	}
	return nil
}

// arrivals is what a run of the scenario would read.
func arrivals(sc *scenario.Scenario) *generators.Schedule {
	if sc.Load.Closed {
		return sc.Workload.Requests()
	}
	return sc.Workload.Schedule(sc.Horizon())
}

// digest identifies the schedule of a scenario.
func digest(ctx context.Context, sc *scenario.Scenario) (results.ScheduleInfo, error) {
	d, measured, err := walk(ctx, sc, nil)
	return results.ScheduleInfo{Seed: sc.Seed, Digest: d.Hex(generators.DigestAll), Arrivals: measured}, err
}

// csvField quotes a field where CSV needs it.
func csvField(s string) string {
	if !strings.ContainsAny(s, ",\"\r\n") {
		return s
	}
	return `"` + strings.ReplaceAll(s, `"`, `""`) + `"`
}
