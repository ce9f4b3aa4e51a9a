package redislua

import (
	"context"
	"fmt"

	"github.com/fcbench/fcbench/internal/rediskeys"
)

// Close deletes every key under the prefix and nothing else. The client stays
// open: it is the caller's. Allow must not be called any more.
func (l *Scripted) Close(ctx context.Context) error {
	if err := rediskeys.Sweep(ctx, l.client, l.prefix); err != nil {
		return fmt.Errorf("%s: %w", l.name, err)
	}
	return nil
}
