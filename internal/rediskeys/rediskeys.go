// Package rediskeys is how limiters on a Redis treat keys: each run has a prefix
// of its own, and what begins with it is deleted in the end.
package rediskeys

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/redis/go-redis/v9"
)

// CheckPrefix wants a prefix whose keys may be deleted in the end.
func CheckPrefix(prefix string) error {
	if len(prefix) < 2 || !strings.HasSuffix(prefix, ":") {
		return fmt.Errorf("key prefix is %q; want one of the run's own that ends in \":\"", prefix)
	}
	return nil
}

// Brief quotes a key, or the beginning of one that is too long for an error.
func Brief(key string) string {
	const most = 64
	if len(key) > most {
		return fmt.Sprintf("%q… (%d bytes)", key[:most], len(key))
	}
	return strconv.Quote(key)
}

// Sweep deletes every key that begins with prefix and nothing else, on every
// master of a cluster.
func Sweep(ctx context.Context, client redis.UniversalClient, prefix string) error {
	err := Each(ctx, client, prefix, func(p redis.Pipeliner, key string) { p.Unlink(ctx, key) })
	if err != nil {
		return fmt.Errorf("deleting keys %s*: %w", prefix, err)
	}
	return nil
}

// Each does something with every key that begins with prefix and was there all the
// time, on every master of a cluster. A key may be met more than once.
func Each(ctx context.Context, client redis.UniversalClient, prefix string, do func(p redis.Pipeliner, key string)) error {
	if cluster, ok := client.(*redis.ClusterClient); ok {
		return cluster.ForEachMaster(ctx, func(ctx context.Context, node *redis.Client) error { return each(ctx, node, prefix, do) })
	}
	return each(ctx, client, prefix, do)
}

// batch is how many keys a SCAN looks at: enough to be quick, few enough that a
// server shared with others is never held up.
const batch = 1000

func each(ctx context.Context, node redis.Cmdable, prefix string, do func(p redis.Pipeliner, key string)) error {
	pattern := literal(prefix) + "*"
	for cursor := uint64(0); ; {
		keys, next, err := node.Scan(ctx, cursor, pattern, batch).Result()
		if err != nil {
			return err
		}
		// One command per key: in a cluster keys of one command must share a slot.
		_, err = node.Pipelined(ctx, func(p redis.Pipeliner) error {
			for _, key := range keys {
				do(p, key)
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

// literal escapes what a glob pattern of Redis would not take literally.
func literal(s string) string {
	return strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`, `[`, `\[`, `]`, `\]`).Replace(s)
}
