package redislua

import (
	"time"

	"github.com/fcbench/fcbench/limiters"
	"github.com/redis/go-redis/v9"
)

// NewGCRA returns a generic cell rate algorithm (ITU-T I.371, virtual
// scheduling) in Lua. Nothing is sent before Open.
func NewGCRA(client redis.UniversalClient, setup Config) (*Limiter, error) {
	return newBucket(client, setup, definition{
		name: "redis-gcra", scripts: []string{"gcra.lua"},
		info: limiters.Info{Algorithm: "gcra", State: "TAT and latest instant, one string"},
	})
}

// NewTokenBucket returns a lazily filled token bucket in Lua. Nothing is sent
// before Open.
func NewTokenBucket(client redis.UniversalClient, setup Config) (*Limiter, error) {
	return newBucket(client, setup, definition{
		name: "redis-token-bucket", scripts: []string{"token_bucket.lua"},
		info: limiters.Info{Algorithm: "token-bucket", State: "credit and latest instant, one string"},
	})
}

// NewLeakyBucketMeter returns a leaky bucket in Lua that denies what would
// overflow it. Nothing is sent before Open.
func NewLeakyBucketMeter(client redis.UniversalClient, setup Config) (*Limiter, error) {
	return newBucket(client, setup, definition{
		name: "redis-leaky-bucket-meter", scripts: []string{"leaky_bucket.lua"},
		info:  limiters.Info{Algorithm: "leaky-bucket-meter", State: "level and latest instant, one string"},
		sixth: func(d limiters.Decision, _ int64) limiters.Decision { return d }, // only a queue delays
	})
}

// NewLeakyBucketQueue returns a leaky bucket in Lua from which requests leave one
// after another at the rate: each is delayed until those before it have leaked,
// rounded up to a µs. What would overflow the burst is denied, so that it grants
// what the meter would, and delays by less than the burst takes to leak. Nothing
// is sent before Open.
func NewLeakyBucketQueue(client redis.UniversalClient, setup Config) (*Limiter, error) {
	return newBucket(client, setup, definition{
		name: "redis-leaky-bucket-queue", scripts: []string{"leaky_bucket.lua"},
		info: limiters.Info{Algorithm: "leaky-bucket-queue", State: "level and latest instant, one string", Shaper: true},
		sixth: func(d limiters.Decision, micros int64) limiters.Decision {
			d.Delay = time.Duration(micros) * time.Microsecond
			return d
		},
	})
}

func newBucket(client redis.UniversalClient, setup Config, d definition) (*Limiter, error) {
	e, err := newExact(setup.Config)
	d.info.Limit, d.limit = e.limit, e.numbers()
	if d.bound = e.bound; d.info.Shaper {
		d.bound = e.shaped
	}
	return newLimiter(client, setup, d, err)
}
