package main

import (
	"fmt"
	"strings"
	"time"

	"github.com/fcbench/fcbench/generators"
	"github.com/fcbench/fcbench/internal/scenario"
	"github.com/fcbench/fcbench/results"
)

// closedDigest is how many requests stand for a closed loop whose number is
// not known beforehand.
const closedDigest = 1 << 16

// walk goes through the whole schedule once, warm-up included, and returns its
// digest and how many arrivals the measured window holds.
func walk(sc *scenario.Scenario, f func(*generators.Arrival) error) (d generators.Digest, measured uint64, err error) {
	arrivals, limit := arrivals(sc), sc.Count
	if sc.Load.Closed && limit == 0 {
		limit = closedDigest
	}
	var a generators.Arrival
	for (limit == 0 || measured < limit) && arrivals.Next(&a) {
		d.Add(&a)
		if sc.Load.Closed || a.At >= sc.Warmup {
			measured++
		}
		if f != nil {
			if err := f(&a); err != nil {
				return d, measured, err
			}
		}
	}
	return d, measured, arrivals.Err()
}

// arrivals is what a run of the scenario would read.
func arrivals(sc *scenario.Scenario) *generators.Schedule {
	if sc.Load.Closed {
		return sc.Workload.Requests()
	}
	return sc.Workload.Schedule(sc.Horizon())
}

// digest identifies the schedule of a scenario, and refuses one that sends
// more in any second than the user allows.
func digest(sc *scenario.Scenario) (results.ScheduleInfo, error) {
	limit := sc.MaxRate.PerSecond()
	var second time.Duration
	var inSecond float64
	d, measured, err := walk(sc, func(a *generators.Arrival) error {
		if s := a.At.Truncate(time.Second); s != second {
			second, inSecond = s, 0
		}
		if inSecond++; limit > 0 && inSecond > limit {
			return usage(fmt.Errorf("the schedule sends more than max_rate, %v, in the second that begins at %v; want a lower rate or a higher --max-rate", sc.MaxRate, second))
		}
		return nil
	})
	return results.ScheduleInfo{Seed: sc.Seed, Digest: d.Hex(generators.DigestAll), Arrivals: measured}, err
}

// csvField quotes a field where CSV needs it.
func csvField(s string) string {
	if !strings.ContainsAny(s, ",\"\r\n") {
		return s
	}
	return `"` + strings.ReplaceAll(s, `"`, `""`) + `"`
}
