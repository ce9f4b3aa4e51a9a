package redislua

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/fcbench/fcbench/internal/units"
	"github.com/fcbench/fcbench/limiters"
	"github.com/redis/go-redis/v9"
)

// ConcurrencyLimit is what may be held at once, and for how long at most.
type ConcurrencyLimit struct {
	Limit units.Count `yaml:"limit"`
	// Lease is when what was granted ends by itself, should its holder have died.
	// It must be longer than anything is held: what a holder goes on with after
	// that is beyond the limit.
	Lease units.Duration `yaml:"lease"`
}

// DefaultConcurrencyLimit has leases of a minute; the limit has no default.
func DefaultConcurrencyLimit() ConcurrencyLimit {
	return ConcurrencyLimit{Lease: units.Duration(time.Minute)}
}

// maxLease is the longest lease; see maxWindow.
const maxLease = maxWindow

func (c ConcurrencyLimit) check() (err error) {
	if c.Limit < 1 || c.Limit > maxUnits {
		err = fmt.Errorf("limit is %d; want 1 to %d", c.Limit, int64(maxUnits))
	}
	if lease := time.Duration(c.Lease); lease < time.Microsecond || lease > maxLease {
		err = errors.Join(err, fmt.Errorf("lease is %v; want %v to %v", lease, time.Microsecond, maxLease))
	}
	return err
}

// ConcurrencyConfig sets up a limit on what is held at once.
type ConcurrencyConfig = Setup[ConcurrencyLimit]

// Concurrency limits what is held at once, by numbered leases. When what it
// denies will be free only its holders know.
type Concurrency struct {
	*Adjustable
	release *script
}

var _ limiters.Releaser = (*Concurrency)(nil)

// NewConcurrency returns a limit in Lua on what is held at once. Nothing is sent
// before Open.
func NewConcurrency(client redis.UniversalClient, setup ConcurrencyConfig) (*Concurrency, error) {
	l, err := newAdjustable(client, setup, definition{
		name: "redis-concurrency", scripts: []string{"concurrency.lua"},
		info: limiters.Info{Algorithm: "concurrency", State: "leases and their ends, a sorted set", Lease: time.Duration(setup.Config.Lease)},
		sixth: func(d limiters.Decision, number int64) limiters.Decision {
			if d.Allowed {
				d.Permit = uint64(number)
			}
			return d
		},
	}, terms{
		numbers: func(limit limiters.Limit) ([]int64, error) {
			c := ConcurrencyLimit{units.Count(limit.Burst), setup.Config.Lease}
			err := c.check()
			if limit.Rate != 0 || limit.Period != 0 {
				err = errors.Join(err, fmt.Errorf("rate is %d/%v; want none, as time brings nothing back", limit.Rate, limit.Period))
			}
			return []int64{limit.Burst, time.Duration(c.Lease).Microseconds()}, err
		},
		bound: func(limit limiters.Limit) func(time.Duration) int64 {
			return func(w time.Duration) int64 {
				if w > 0 {
					return int64(limiters.Never) // time itself bounds nothing
				}
				return limit.Burst
			}
		},
	}, limiters.Limit{Burst: int64(setup.Config.Limit)}, nil)
	if err != nil {
		return nil, err
	}
	return &Concurrency{l, l.newScript([]int64{0}, "concurrency_release.lua")}, nil // 0 stands for the permit
}

// Open implements [limiters.Opener].
func (l *Concurrency) Open(ctx context.Context) error {
	return errors.Join(l.Scripted.Open(ctx), l.load(ctx, l.release))
}

// errNotHeld has no number in it, so that it can be counted.
var errNotHeld = errors.New("lease is not held; it was given back, has ended or was never granted")

// Release implements [limiters.Releaser].
func (l *Concurrency) Release(ctx context.Context, now time.Duration, key string, n int64, permit uint64) (time.Duration, error) {
	call, err := l.complete(ctx, l.release, now, key, n)
	if err != nil {
		return 0, err
	}
	call.Args()[argPermit] = permit
	reply, err := l.send(ctx, l.release, call)
	if err != nil {
		return 0, l.failure(key, err)
	}
	if len(reply) != 2 {
		return 0, l.failure(key, fmt.Errorf("reply of the script is %v; want 2 integers", reply))
	}
	if reply[0] == 0 {
		return 0, l.failure(key, fmt.Errorf("release of %d under %d: %w", n, permit, errNotHeld))
	}
	return time.Duration(reply[1]) * time.Microsecond, nil
}
