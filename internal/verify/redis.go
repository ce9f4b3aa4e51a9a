package verify

import (
	"context"
	"errors"
	"fmt"

	"github.com/fcbench/fcbench/internal/redisproc"
	"github.com/fcbench/fcbench/limiters"
)

// unanswered is [conformance.Options.Outage] of what is on a Redis.
func unanswered(err error) error {
	if redisproc.Unanswered(err) {
		return fmt.Errorf("redis did not answer: %w", err)
	}
	return nil
}

// connect has all limiters of a kind share one client and, on a server of fcbench's own,
// a database: whoever looks for keys, to delete them or because a limit was changed, looks
// through those of nobody else.
func (k *kind) connect(number int) {
	k.shared.Client = k.plan.Redis.Client(redisproc.ClientOptions{
		Connections: callers, Timeout: k.plan.patience, Database: number,
	})
}

// disconnect deletes all keys that the limiters of a kind have left, whose prefixes begin
// with its own, and closes their client.
func (k *kind) disconnect(ctx context.Context) error {
	client := k.shared.Client
	return errors.Join(k.sweep(ctx), client.Close())
}

func (k *kind) sweep(ctx context.Context) error {
	env := k.shared
	env.Prefix = k.prefix()
	for _, limit := range k.limits {
		l, err := k.construct(env, limit)
		if err != nil {
			continue
		}
		if all, ok := l.(interface{ Unwrap() limiters.Limiter }).Unwrap().(limiters.Closer); ok {
			return all.Close(ctx)
		}
	}
	return nil
}
