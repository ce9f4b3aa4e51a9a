package redislua

import (
	"time"

	"github.com/fcbench/fcbench/limiters"
	"github.com/redis/go-redis/v9"
)

// NewGCRA returns a generic cell rate algorithm (ITU-T I.371, virtual
// scheduling) in Lua. Nothing is sent before Open.
func NewGCRA(client redis.UniversalClient, setup Config) (*Adjustable, error) {
	return newAdjustableBucket(client, setup, definition{
		name: "redis-gcra", scripts: []string{"gcra.lua"},
		info: limiters.Info{Algorithm: "gcra", State: "TAT and latest instant, one string"},
	}, "gcra_state.lua")
}

// NewTokenBucket returns a lazily filled token bucket in Lua. Nothing is sent
// before Open.
func NewTokenBucket(client redis.UniversalClient, setup Config) (*Adjustable, error) {
	return newAdjustableBucket(client, setup, definition{
		name: "redis-token-bucket", scripts: []string{"token_bucket.lua"},
		info: limiters.Info{Algorithm: "token-bucket", State: "credit and latest instant, one string"},
	}, "token_bucket_state.lua")
}

// NewLeakyBucketMeter returns a leaky bucket in Lua that denies what would
// overflow it. Nothing is sent before Open.
func NewLeakyBucketMeter(client redis.UniversalClient, setup Config) (*Adjustable, error) {
	return newAdjustableBucket(client, setup, definition{
		name: "redis-leaky-bucket-meter", scripts: []string{"leaky_bucket.lua"},
		info:  limiters.Info{Algorithm: "leaky-bucket-meter", State: "level and latest instant, one string"},
		sixth: func(d limiters.Decision, _ int64) limiters.Decision { return d }, // only a queue delays
	}, "leaky_bucket_state.lua")
}

// NewLeakyBucketQueue returns a leaky bucket in Lua from which requests leave one
// after another at the rate: each is delayed until those before it have leaked,
// rounded up to a µs. What would overflow the burst is denied, so that it grants
// what the meter would, and delays by less than the burst takes to leak. Nothing
// is sent before Open.
func NewLeakyBucketQueue(client redis.UniversalClient, setup Config) (*Scripted, error) {
	return newQueue(client, setup, definition{
		name: "redis-leaky-bucket-queue", scripts: []string{"leaky_bucket.lua"},
		info: limiters.Info{Algorithm: "leaky-bucket-queue", State: "level and latest instant, one string", Shaper: true},
		sixth: func(d limiters.Decision, micros int64) limiters.Decision {
			d.Delay = time.Duration(micros) * time.Microsecond
			return d
		},
	})
}

// newQueue makes a bucket whose limit stays: who waits in it was told when to leave.
func newQueue(client redis.UniversalClient, setup Config, d definition) (*Scripted, error) {
	e, err := newExact(setup.Config)
	d.info.Limit, d.limit, d.bound = e.limit, e.numbers(), e.shaped
	return newLimiter(client, setup, d, err)
}

// newAdjustableBucket makes a bucket whose state the script units knows.
func newAdjustableBucket(client redis.UniversalClient, setup Config, d definition, units string) (*Adjustable, error) {
	limit := limiters.Limit{Rate: setup.Config.Rate.Count, Period: setup.Config.Rate.Per, Burst: int64(setup.Config.Burst)}
	_, err := newExact(setup.Config) // which knows of rates that are no limits
	return newAdjustable(client, setup, d, terms{
		numbers: func(limit limiters.Limit) ([]int64, error) {
			e, err := newExact(limit.Config())
			return e.numbers(), err
		},
		bound: func(limit limiters.Limit) func(time.Duration) int64 { return exact{limit: limit}.bound },
		units: units,
	}, limit, err)
}
