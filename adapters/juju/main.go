// Juju is github.com/juju/ratelimit, LGPLv3 with an exception for static
// linking, as a program for exec:.
package main

import (
	"context"
	"fmt"
	"time"

	"github.com/juju/ratelimit"

	"github.com/fcbench/fcbench/adapters/internal/serve"
	"github.com/fcbench/fcbench/limiters"
)

const version = "v1.0.2"

func main() { serve.Main("juju", open) }

// buckets has one bucket of the library per key, in fcbench's registry. It is
// not for concurrent use: the clock is one for all.
type buckets struct {
	limiters.Described // what the library says it is, for the limit and the bound
	clock              *clock
	keys               *limiters.Keyed[bucket]
}

type bucket struct{ *ratelimit.Bucket }

// open makes buckets by NewBucketWithRateAndClock, asked by TakeMaxDuration with
// no patience, which takes all or nothing.
//
// The README calls the package an efficient token bucket, filled at a rate up to
// a capacity; the rate may be 1 % off, it adds. Time is counted in the ticks in
// which tokens are added, from when the bucket was made.
func open(w serve.Wanted) (serve.Limiter, error) {
	config := w.Limit
	model, err := limiters.NewTokenBucket(config)
	if err != nil {
		return nil, err
	}
	b := &buckets{Described: model, clock: new(clock)}
	perSecond := float64(config.Rate.Count) / config.Rate.Per.Seconds()
	b.keys = limiters.NewKeyed(
		func(s *bucket, _ time.Duration) {
			s.Bucket = ratelimit.NewBucketWithRateAndClock(perSecond, int64(config.Burst), b.clock)
		},
		func(s *bucket, _ time.Duration) bool { return s.Available() >= s.Capacity() })
	return b, nil
}

// Info implements [limiters.Described].
func (b *buckets) Info() limiters.Info {
	info := b.Described.Info()
	info.Version, info.State = version, "tokens and their tick, mutex"
	info.Lacks = []string{"keys", "retry-after without taking", "reset-after"}
	return info
}

// Allow implements [limiters.Limiter].
func (b *buckets) Allow(_ context.Context, now time.Duration, key string, n int64) (limiters.Decision, error) {
	if n < 1 {
		return limiters.Decision{}, fmt.Errorf("cost is %d; want at least 1", n)
	}
	b.clock.now = now
	s := b.keys.Get(key, now, true)
	_, ok := s.TakeMaxDuration(n, 0)
	d := limiters.Whether(ok, now)
	d.Remaining = s.Available()
	return d, nil
}

// clock stands where it was put. Nobody sleeps by it.
type clock struct{ now time.Duration }

func (c *clock) Now() time.Time      { return time.Unix(946_684_800, int64(c.now)) } // from 2000
func (c *clock) Sleep(time.Duration) {}
