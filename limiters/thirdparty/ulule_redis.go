package thirdparty

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/ulule/limiter/v3"
	store "github.com/ulule/limiter/v3/drivers/store/redis"

	"github.com/fcbench/fcbench/internal/rediskeys"
	"github.com/fcbench/fcbench/limiters"
)

// NewUluleRedis returns github.com/ulule/limiter with its store on Redis, asked
// by Increment. What [NewUlule] says of its documentation holds here too; the
// README adds that this store relies on the life of a key, which it sets in ms.
//
// Open loads the scripts, without a deadline: the library does it in the
// background context.
func NewUluleRedis(client redis.UniversalClient, prefix string, config limiters.WindowConfig) (*Redis, error) {
	model, err := limiters.NewFixedWindow(config)
	err = errors.Join(err, rediskeys.CheckPrefix(prefix))
	if err != nil {
		return nil, err
	}
	limit := model.Info().Limit
	if limit.Period%time.Millisecond != 0 {
		return nil, fmt.Errorf("window is %v; want whole milliseconds", limit.Period)
	}
	open := func(context.Context) (asker, error) {
		// The library puts the colon after the prefix.
		s, err := store.NewStoreWithOptions(client, limiter.StoreOptions{Prefix: strings.TrimSuffix(prefix, ":")})
		if err != nil {
			return nil, err
		}
		return ululeAsker(limiter.New(s, limiter.Rate{Period: limit.Period, Limit: limit.Rate})), nil
	}
	return &Redis{
		library: claiming(model, limiters.Info{
			Version: ululeVersion, Scope: "redis", State: "count, one integer with an expiry",
			TimeSource: limiters.TimeRedis, Resolution: time.Millisecond, Windows: limiters.FromFirst,
			Lacks: append(ululeLacks(), limiters.NoInstant),
		}),
		name: "ulule-redis", client: client, keys: prefix, open: open,
	}, nil
}

func ululeAsker(l *limiter.Limiter) asker {
	return func(ctx context.Context, key string, n int64) (limiters.Decision, error) {
		state, err := l.Increment(ctx, key, n)
		if err != nil {
			return limiters.Decision{}, err
		}
		return fromUlule(state), nil
	}
}
