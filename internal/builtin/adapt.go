package builtin

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/redis/go-redis/v9"

	"github.com/fcbench/fcbench/internal/redisproc"
	"github.com/fcbench/fcbench/limiters"
	"github.com/fcbench/fcbench/limiters/redislua"
)

// as makes a constructor of one limiter a constructor of limiters.
func as[C any, L limiters.Limiter](construct func(C) (L, error)) func(C) (limiters.Limiter, error) {
	return func(c C) (limiters.Limiter, error) { return construct(c) }
}

// anyOf makes a constructor of one target a constructor of targets.
func anyOf[C, T any](construct func(C) (T, error)) func(C) (any, error) {
	return func(c C) (any, error) { return construct(c) }
}

// redisConfig is a bucket on Redis as users describe it.
type redisConfig struct {
	limiters.Config `yaml:",inline"`
	Connections     int `yaml:"connections"` // callers at once; more wait before their service begins
}

func redisDefaults() redisConfig {
	return redisConfig{Config: limiters.DefaultConfig(), Connections: 16}
}

const maxConnections = 1 << 12

// onRedis gives a limiter a client of its own on the run's Redis.
func onRedis(env Env, construct func(redis.UniversalClient, redislua.Config) (*redislua.Limiter, error)) func(redisConfig) (limiters.Limiter, error) {
	return func(c redisConfig) (limiters.Limiter, error) {
		var client redis.UniversalClient
		if env.Redis != nil {
			client = env.Redis.Client(redisproc.ClientOptions{Connections: c.Connections})
		}
		l, err := construct(client, redislua.Config{Config: c.Config, Prefix: env.prefix(), InjectTime: env.InjectTime})
		if c.Connections < 1 || c.Connections > maxConnections {
			err = errors.Join(err, fmt.Errorf("connections is %d; want 1 to %d", c.Connections, maxConnections))
		}
		if err != nil && client != nil {
			err = errors.Join(err, client.Close())
		}
		if err != nil {
			return nil, err
		}
		return &remote{Limiter: l, client: client, workers: c.Connections}, nil
	}
}

// prefix is the run's; while only checking there is no run.
func (e Env) prefix() string {
	if e.Prefix == "" {
		return "fcbench:"
	}
	return e.Prefix
}

// remote is a limiter behind a client that is its own.
type remote struct {
	*redislua.Limiter
	client  io.Closer
	workers int
}

// Workers is how many callers find a connection at once.
func (r *remote) Workers() int { return r.workers }

// Close deletes what the limiter stored, then closes the client.
func (r *remote) Close(ctx context.Context) error {
	return errors.Join(r.Limiter.Close(ctx), r.client.Close())
}

// Workers is how many callers a limiter takes at once; 0 for one that is
// called in the runner's loop.
func Workers(l limiters.Limiter) int {
	if c, ok := l.(interface{ Workers() int }); ok {
		return c.Workers()
	}
	return 0
}
