package thirdparty

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/fcbench/fcbench/internal/rediskeys"
	"github.com/fcbench/fcbench/limiters"
)

// Redis is a library that keeps its state on a Redis server, whose clock it goes
// by. It is safe for concurrent use.
type Redis struct {
	library
	name   string
	client redis.UniversalClient
	keys   string // what all the keys begin with
	// open prepares the server and returns what decides; nothing is sent before.
	open  func(ctx context.Context) (asker, error)
	allow asker // nil until open
}

// asker asks a library about n tokens of key.
type asker func(ctx context.Context, key string, n int64) (limiters.Decision, error)

var (
	_ limiters.Limiter   = (*Redis)(nil)
	_ limiters.Described = (*Redis)(nil)
	_ limiters.Opener    = (*Redis)(nil)
	_ limiters.Closer    = (*Redis)(nil)
)

// errNotOpen is the error of Allow before Open.
var errNotOpen = errors.New("limiter is not open")

// Open implements [limiters.Opener].
func (l *Redis) Open(ctx context.Context) (err error) {
	if l.allow, err = l.open(ctx); err != nil {
		return fmt.Errorf("%s: %w", l.name, err)
	}
	return nil
}

// Allow implements [limiters.Limiter]. now is not used.
func (l *Redis) Allow(ctx context.Context, now time.Duration, key string, n int64) (limiters.Decision, error) {
	if err := l.check(now, n); err != nil {
		return limiters.Decision{}, err
	}
	if l.allow == nil {
		return limiters.Decision{}, fmt.Errorf("%s: %w", l.name, errNotOpen)
	}
	d, err := l.allow(ctx, key, n)
	if err != nil {
		return limiters.Decision{}, fmt.Errorf("%s: key %s: %w", l.name, rediskeys.Brief(key), err)
	}
	return d, nil
}

// Close deletes the keys that the library left under the prefix and nothing
// else. The client stays open: it is the caller's. Allow must not be called any more.
func (l *Redis) Close(ctx context.Context) error {
	if err := rediskeys.Sweep(ctx, l.client, l.keys); err != nil {
		return fmt.Errorf("%s: %w", l.name, err)
	}
	return nil
}
