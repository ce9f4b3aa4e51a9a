package thirdparty

import (
	"context"
	"errors"
	"time"

	"github.com/go-redis/redis_rate/v10"
	"github.com/redis/go-redis/v9"

	"github.com/fcbench/fcbench/internal/rediskeys"
	"github.com/fcbench/fcbench/limiters"
)

const redisRateVersion = "v10.0.1"

// redisRatePrefix is put before every key by the library, and cannot be changed.
const redisRatePrefix = "rate:"

// NewRedisRate returns github.com/go-redis/redis_rate, asked by AllowN. Its keys
// begin with "rate:" and then prefix.
//
// The README says that it implements GCRA, for which it has a second name, the
// leaky bucket; type Limit has the rate per period and the burst. The script is
// the library's own and loads itself, at the first decision.
func NewRedisRate(client redis.UniversalClient, prefix string, config limiters.Config) (*Redis, error) {
	model, err := limiters.NewGCRA(config)
	if err = errors.Join(err, rediskeys.CheckPrefix(prefix)); err != nil {
		return nil, err
	}
	count, period := config.Rate.Count, config.Rate.Per
	limit := redis_rate.Limit{Rate: int(count), Burst: int(config.Burst), Period: period}
	limiter := redis_rate.NewLimiter(client)
	ask := func(ctx context.Context, key string, n int64) (limiters.Decision, error) {
		r, err := limiter.AllowN(ctx, prefix+key, limit, int(n))
		if err != nil {
			return limiters.Decision{}, err
		}
		return fromRedisRate(r), nil
	}
	return &Redis{
		library: claiming(model, limiters.Info{
			Version: redisRateVersion, Scope: "redis", State: "TAT in seconds as a double",
			TimeSource: limiters.TimeRedis, Resolution: time.Microsecond,
			Lacks: []string{"time as an argument", limiters.NoInstant, "a retry-after of never", "a key prefix of one's own"},
		}),
		name: "redis-rate", client: client, keys: redisRatePrefix + prefix,
		open: func(context.Context) (asker, error) { return ask, nil },
	}, nil
}

// fromRedisRate reads a result, whose RetryAfter is -1 when there is nothing to wait for.
func fromRedisRate(r *redis_rate.Result) limiters.Decision {
	d := limiters.Decision{
		Allowed: r.Allowed > 0, At: limiters.Unknown, ResetAfter: r.ResetAfter, Remaining: int64(r.Remaining),
	}
	if !d.Allowed {
		d.RetryAfter = r.RetryAfter
	}
	return d
}
