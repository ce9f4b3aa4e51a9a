package thirdparty

import (
	"context"
	"errors"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/throttled/throttled/v2/store/goredisstore.v9"

	"github.com/fcbench/fcbench/internal/rediskeys"
	"github.com/fcbench/fcbench/limiters"
)

// NewThrottledRedis returns github.com/throttled/throttled with its store on
// Redis, asked by RateLimitCtx. What [NewThrottled] says of its documentation
// holds here too.
//
// A decision is a GET and TIME in one pipeline, and where it grants a second
// round trip with the script that sets the new value if the old one is still
// there; up to ten times, after which there is an error. The documentation of
// the store has the life of a key rounded down to whole seconds.
func NewThrottledRedis(client redis.UniversalClient, prefix string, config limiters.Config) (*Redis, error) {
	model, err := limiters.NewGCRA(config)
	if err = errors.Join(err, rediskeys.CheckPrefix(prefix)); err != nil {
		return nil, err
	}
	store, err := goredisstore.NewCtx(client, prefix)
	if err != nil {
		return nil, err
	}
	gcra, err := newThrottledGCRA(store, config)
	if err != nil {
		return nil, err
	}
	ask := func(ctx context.Context, key string, n int64) (limiters.Decision, error) {
		limited, result, err := gcra.RateLimitCtx(ctx, key, int(n))
		if err != nil {
			return limiters.Decision{}, err
		}
		return fromThrottled(limited, result, limiters.Unknown), nil
	}
	return &Redis{
		library: claiming(model, limiters.Info{
			Version: throttledVersion, Scope: "redis", State: "TAT in ns, one string, compare and swap",
			TimeSource: limiters.TimeRedis, Resolution: time.Microsecond,
			Lacks: []string{"time as an argument", limiters.NoInstant, "one round trip"},
		}),
		name: "throttled-redis", client: client, keys: prefix,
		open: func(context.Context) (asker, error) { return ask, nil },
	}, nil
}
