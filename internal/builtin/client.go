package builtin

import (
	"context"
	"errors"
	"fmt"

	"github.com/fcbench/fcbench/internal/redisproc"
	"github.com/fcbench/fcbench/limiters"
	"github.com/fcbench/fcbench/limiters/failure"
	"github.com/fcbench/fcbench/limiters/redislua"
	"github.com/fcbench/fcbench/targets"
	"github.com/fcbench/fcbench/targets/wire"
)

// Client is who carries the calls of a limiter on Redis.
type Client string

// The clients. Auto is Wire where it can be, on the event engine, else GoRedis.
const (
	Auto    Client = "auto"
	Wire    Client = "wire"     // fcbench itself, in the loop of each lane
	GoRedis Client = "go-redis" // a goroutine for each call
)

// carriage is how the calls of a limiter are carried without a client.
type carriage struct {
	chosen      Client
	calls       *redislua.Calls // nil where they are not
	redis       *redisproc.Server
	connections int
	depth       int
}

// carried is how many calls are on a connection at once where those that wait are
// sent together.
const carried = 256

// carriage settles who carries the calls of a limiter.
func (c scripted[C]) carriage(env Env, primary limiters.Limiter) (out carriage, err error) {
	out = carriage{chosen: c.Client, redis: env.Redis, connections: c.Connections, depth: 1}
	if c.Pipeline {
		out.depth = carried
	}
	if c.Client != Auto && c.Client != Wire && c.Client != GoRedis {
		return out, fmt.Errorf("client is %q; want auto, wire or go-redis", string(c.Client))
	}
	if c.Client == GoRedis || primary == nil {
		return out, nil
	}
	var why error
	if out.calls, why = primary.(redislua.Carried).Calls(); why == nil && c.Config != (failure.Config{}) {
		out.calls, why = nil, errPolicy
	}
	if c.Client == Wire && why != nil {
		err = fmt.Errorf("client is wire, and %w; want go-redis, or auto, which is that here", why)
	}
	return out, err
}

var errPolicy = errors.New("there is a policy for errors (on_error, deadline, breaker)")

// lone reports whether a limiter's client is asked for no decision, and needs no more
// than one connection, to begin and to end.
func (c scripted[C]) lone(env Env, l limiters.Limiter) bool {
	if env.Redis == nil || !env.Carried {
		return false
	}
	by, err := c.carriage(env, l)
	if err != nil || by.calls == nil {
		return false
	}
	direct, err := env.Redis.Direct()
	return err == nil && (c.Client == Wire || wire.Evented(direct))
}

// Carry is [targets.LimiterOptions.Carry] for limiters on Redis.
func Carry(ctx context.Context, trial *targets.Limiters, env targets.Env, i, n int) (targets.Async, error) {
	common, direct, err := carriedBy(trial.Common)
	if common == nil {
		return nil, err
	}
	d := wire.Decisions{Calls: common.calls, Redis: direct, Connections: common.connections, Depth: common.depth}
	d.Classes = make([]wire.Calls, len(trial.Classes))
	for class, l := range trial.Classes {
		if l == nil {
			continue // it asks the common one
		}
		own, _, err := carriedBy(l)
		if own == nil {
			return nil, err
		}
		d.Classes[class] = own.calls
	}
	return d.Lane(ctx, env, i, n)
}

// carriedBy is how the calls of a limiter are carried, and where to; nil where they are
// not.
func carriedBy(l limiters.Limiter) (*carriage, redisproc.Direct, error) {
	r, ok := l.(*remote)
	if !ok || r.calls == nil {
		return nil, redisproc.Direct{}, nil
	}
	direct, err := r.redis.Direct()
	switch {
	case err != nil && r.chosen == Wire:
		return nil, direct, fmt.Errorf("client is wire, and %w; want go-redis, or auto, which is that here", err)
	case err != nil, r.chosen == Auto && !wire.Evented(direct):
		return nil, direct, nil
	}
	return &r.carriage, direct, nil
}
