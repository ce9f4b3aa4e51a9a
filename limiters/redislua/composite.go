package redislua

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/fcbench/fcbench/internal/whole"
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
func NewComposite(client redis.UniversalClient, setup CompositeConfig) (*Scripted, error) {
	buckets, err := setup.Config.exact()
	d := definition{
		name: "redis-composite", scripts: []string{"composite.lua"},
		info: limiters.Info{Algorithm: "composite", State: "latest instant and credits, one string"},
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
	if err == nil {
		all := byRate(buckets)
		d.info.Limit, d.info.Also = all[0], all[1:]
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

// byRate has the limits of all buckets, the lowest rate first: that is what holds
// in the long run.
func byRate(buckets []exact) []limiters.Limit {
	all := make([]limiters.Limit, len(buckets))
	for i, b := range buckets {
		all[i] = b.limit
	}
	slices.SortStableFunc(all, func(a, b limiters.Limit) int {
		return whole.Compare(a.Rate, int64(a.Period), b.Rate, int64(b.Period))
	})
	return all
}
