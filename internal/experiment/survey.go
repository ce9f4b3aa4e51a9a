package experiment

import (
	"context"
	"fmt"
	"time"

	"github.com/fcbench/fcbench/generators"
	"github.com/fcbench/fcbench/internal/scenario"
	"github.com/fcbench/fcbench/internal/units"
	"github.com/fcbench/fcbench/results"
)

// closedDigest is how many requests stand for a closed loop whose number is
// not known beforehand.
const closedDigest = 1 << 16

// Arrivals is what a run of the scenario would read, as a whole.
func Arrivals(s *scenario.Scenario) *generators.Schedule {
	if s.Load.Closed {
		return s.Workload.Requests()
	}
	return s.Workload.Schedule(s.Horizon())
}

// Survey is what a walk through the whole schedule finds.
type Survey struct {
	Digest   generators.Digest
	Measured uint64 // arrivals of the measured window
	First    uint64 // position of the first of them
}

// Info identifies the schedule in a result.
func (v Survey) Info(s *scenario.Scenario) results.ScheduleInfo {
	return results.ScheduleInfo{Seed: s.Seed, Digest: v.Digest.Hex(generators.DigestAll), Arrivals: v.Measured}
}

// Walk hands every arrival of the schedule to each, warm-up included, as many as a
// run would send. each may be nil; an arrival is valid during the call. Where that
// takes long, say is told now and then, unless it is nil.
func Walk(ctx context.Context, s *scenario.Scenario, say func(message string), each func(*generators.Arrival) error) (v Survey, err error) {
	arrivals, limit := Arrivals(s), s.Count
	if s.Load.Closed && limit == 0 {
		limit = closedDigest
	}
	busiest := ceiling{rate: s.MaxRate}
	walked := newWalked(say)
	var a generators.Arrival
	for (limit == 0 || v.Measured < limit) && arrivals.Next(&a) {
		v.Digest.Add(&a)
		switch {
		case s.Load.Closed || a.At >= s.Warmup:
			v.Measured++
		default:
			v.First = a.Seq + 1
		}
		if a.Seq%4096 == 0 {
			if ctx.Err() != nil {
				return v, ctx.Err()
			}
			walked.tell(s, &a, limit, v.Measured)
		}
		if err := busiest.admit(&a); err != nil {
			return v, err
		}
		if each != nil {
			if err := each(&a); err != nil {
				return v, err
			}
		}
	}
	return v, arrivals.Err()
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
		return &Unfit{fmt.Errorf("the schedule sends more than max_rate, %v, in the second that begins at %v; want a lower rate or a higher --max-rate", c.rate, c.second)}
	}
	return nil
}
