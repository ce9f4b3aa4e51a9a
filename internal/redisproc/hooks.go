package redisproc

import (
	"context"
	"errors"

	"github.com/redis/go-redis/v9"
)

// resend is a hook that sends a command on another connection when its own
// turned out to be gone before anything was sent. It is no retry: the server has
// not seen the command.
type resend struct {
	times int                     // the connections that may all be gone
	dial  func(dialFunc) dialFunc // what else is to be done to dialling; may be nil
}

func (h resend) DialHook(next redis.DialHook) redis.DialHook {
	if h.dial == nil {
		return next
	}
	return redis.DialHook(h.dial(dialFunc(next)))
}

func (h resend) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		err := next(ctx, cmd)
		for i := 0; i < h.times && errors.Is(err, errUnsent); i++ {
			err = next(ctx, cmd)
		}
		return err
	}
}

func (h resend) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return func(ctx context.Context, cmds []redis.Cmder) error {
		err := next(ctx, cmds)
		for i := 0; i < h.times && errors.Is(err, errUnsent); i++ {
			for _, cmd := range cmds {
				cmd.SetErr(nil)
			}
			err = next(ctx, cmds)
		}
		return err
	}
}

// once is a hook that keeps a cluster client from sending anything twice that a
// node may have executed. The client's MaxRedirects bounds redirections and
// retries alike; a command that refuses to be retried is still redirected,
// because a node that answers MOVED or ASK has done nothing. A pipeline that
// holds one such command is not retried as a whole either.
type once struct{}

// unrepeated is a command that is not to be retried.
type unrepeated struct{ redis.Cmder }

func (unrepeated) NoRetry() bool { return true }

func (once) DialHook(next redis.DialHook) redis.DialHook { return next }

func (once) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error { return next(ctx, unrepeated{cmd}) }
}

func (once) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return func(ctx context.Context, cmds []redis.Cmder) error {
		all := make([]redis.Cmder, len(cmds))
		for i, cmd := range cmds {
			all[i] = unrepeated{cmd}
		}
		return next(ctx, all)
	}
}
