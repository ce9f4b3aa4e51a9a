package redislua

import (
	"errors"
	"fmt"
	"math/big"
	"slices"
	"time"

	"github.com/fcbench/fcbench/limiters"
	"github.com/redis/go-redis/v9"
)

// CompositeLimit is several buckets, each of which has to grant.
type CompositeLimit struct {
	Limits []limiters.Config `yaml:"limits"`
}

// CompositeConfig sets up several buckets as one limiter.
type CompositeConfig = Setup[CompositeLimit]

// maxBuckets bounds what a script does in one go.
const maxBuckets = 16

// NewComposite returns token buckets in Lua that grant together or not at all,
// such as 10/s and 1000/h. They share a key, and so a place in a cluster. Nothing
// is sent before Open.
func NewComposite(client redis.UniversalClient, setup CompositeConfig) (*Limiter, error) {
	buckets, err := setup.Config.exact()
	d := definition{
		name: "redis-composite", scripts: []string{"composite.lua"},
		info: limiters.Info{Algorithm: "composite", State: "latest instant and credits, one string", Limit: tightest(buckets)},
		bound: func(w time.Duration) int64 {
			least := int64(limiters.Never)
			for _, b := range buckets {
				least = min(least, b.bound(w))
			}
			return least
		},
	}
	for _, b := range buckets {
		d.limit = append(d.limit, b.numbers()...)
	}
	return newLimiter(client, setup, d, err)
}

// exact returns the buckets in the units of the scripts, or everything that is
// wrong with them.
func (c CompositeLimit) exact() ([]exact, error) {
	var buckets []exact
	var problems []error
	if n := len(c.Limits); n < 1 || n > maxBuckets {
		problems = append(problems, fmt.Errorf("number of limits is %d; want 1 to %d", n, maxBuckets))
	}
	for i, config := range c.Limits {
		b, err := newExact(config)
		if err != nil {
			problems = append(problems, fmt.Errorf("limit %d: %w", i+1, err))
		}
		buckets = append(buckets, b)
	}
	return buckets, errors.Join(problems...)
}

// tightest describes all buckets by the slowest rate and the smallest burst.
func tightest(buckets []exact) limiters.Limit {
	if len(buckets) == 0 {
		return limiters.Limit{}
	}
	slowest := slices.MinFunc(buckets, func(a, b exact) int {
		return big.NewInt(0).Mul(big.NewInt(a.rate), big.NewInt(b.period)).Cmp(big.NewInt(0).Mul(big.NewInt(b.rate), big.NewInt(a.period)))
	}).limit
	for _, b := range buckets {
		slowest.Burst = min(slowest.Burst, b.limit.Burst)
	}
	return slowest
}
