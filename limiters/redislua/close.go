package redislua

import (
	"context"
	"fmt"
	"strings"

	"github.com/redis/go-redis/v9"
)

// sweepBatch is how many keys a SCAN looks at: enough to be quick, few enough
// that a server shared with others is never held up.
const sweepBatch = 1000

// Close deletes every key under the prefix and nothing else. The client stays
// open: it is the caller's. Allow must not be called any more.
func (l *Limiter) Close(ctx context.Context) error {
	var err error
	if cluster, ok := l.client.(*redis.ClusterClient); ok {
		err = cluster.ForEachMaster(ctx, l.sweep)
	} else {
		err = sweep(ctx, l.client, l.prefix)
	}
	if err != nil {
		return fmt.Errorf("%s: deleting keys %s*: %w", l.name, l.prefix, err)
	}
	return nil
}

func (l *Limiter) sweep(ctx context.Context, node *redis.Client) error {
	return sweep(ctx, node, l.prefix)
}

func sweep(ctx context.Context, node redis.Cmdable, prefix string) error {
	pattern := literal(prefix) + "*"
	for cursor := uint64(0); ; {
		keys, next, err := node.Scan(ctx, cursor, pattern, sweepBatch).Result()
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

// literal escapes what a glob pattern of Redis would not take literally.
func literal(s string) string {
	return strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`, `[`, `\[`, `]`, `\]`).Replace(s)
}
