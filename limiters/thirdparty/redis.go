package thirdparty

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

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

// checkPrefix wants a prefix whose keys may be deleted in the end.
func checkPrefix(prefix string) error {
	if len(prefix) < 2 || !strings.HasSuffix(prefix, ":") {
		return fmt.Errorf("key prefix is %q; want one of the run's own that ends in \":\"", prefix)
	}
	return nil
}

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
		return limiters.Decision{}, fmt.Errorf("%s: key %s: %w", l.name, brief(key), err)
	}
	return d, nil
}

// brief quotes a key, or the beginning of one that is too long for an error.
func brief(key string) string {
	const most = 64
	if len(key) > most {
		return fmt.Sprintf("%q… (%d bytes)", key[:most], len(key))
	}
	return strconv.Quote(key)
}

// Close deletes the keys that the library left under the prefix and nothing
// else. The client stays open: it is the caller's. Allow must not be called any more.
func (l *Redis) Close(ctx context.Context) error {
	var err error
	if cluster, ok := l.client.(*redis.ClusterClient); ok {
		err = cluster.ForEachMaster(ctx, func(ctx context.Context, node *redis.Client) error { return sweep(ctx, node, l.keys) })
	} else {
		err = sweep(ctx, l.client, l.keys)
	}
	if err != nil {
		return fmt.Errorf("%s: deleting keys %s*: %w", l.name, l.keys, err)
	}
	return nil
}

// sweep deletes what begins with prefix on one node, one SCAN at a time, so that
// a server shared with others is never held up.
func sweep(ctx context.Context, node redis.Cmdable, prefix string) error {
	const batch = 1000
	pattern := strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`, `[`, `\[`, `]`, `\]`).Replace(prefix) + "*"
	for cursor := uint64(0); ; {
		keys, next, err := node.Scan(ctx, cursor, pattern, batch).Result()
		if err != nil {
			return err
		}
		// One command per key: in a cluster keys of one command must share a slot.
		_, err = node.Pipelined(ctx, func(p redis.Pipeliner) error {
			for _, key := range keys {
				p.Unlink(ctx, key)
			}
			return nil
		})
		if err != nil {
			return err
		}
		if cursor = next; cursor == 0 {
			return nil
		}
	}
}
