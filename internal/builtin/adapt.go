package builtin

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/redis/go-redis/v9"

	"github.com/fcbench/fcbench/internal/catalog"
	"github.com/fcbench/fcbench/internal/redisproc"
	"github.com/fcbench/fcbench/limiters"
	"github.com/fcbench/fcbench/limiters/failure"
	"github.com/fcbench/fcbench/limiters/redislua"
	"github.com/fcbench/fcbench/targets"
)

// as makes a constructor of one limiter a constructor of limiters.
func as[C any, L limiters.Limiter](construct func(C) (L, error)) func(C) (limiters.Limiter, error) {
	return func(c C) (limiters.Limiter, error) { return construct(c) }
}

// asTarget keeps a target that could not be made from being a nil pointer in an
// interface.
func asTarget[T targets.Target](t T, err error) (targets.Target, error) {
	if err != nil {
		return nil, err
	}
	return t, nil
}

// networked is a limit that is kept behind a network, as users describe it.
type networked[C any] struct {
	Limit          C   `yaml:",inline"`
	Connections    int `yaml:"connections"` // callers at once; more wait before their service begins
	failure.Config `yaml:",inline"`
}

// scripted is one that fcbench's own scripts keep.
type scripted[C any] struct {
	networked[C] `yaml:",inline"`
	Pipeline     bool   `yaml:"pipeline"` // callers that wait are sent together
	Client       Client `yaml:"client"`   // auto, wire or go-redis
}

// Settle implements [catalog.Settler] for a limit that does.
func (c *networked[C]) Settle() {
	if s, ok := any(&c.Limit).(catalog.Settler); ok {
		s.Settle()
	}
}

const (
	defaultConnections = 16
	maxConnections     = 1 << 12
	// gathered is how many callers there are at once where those that wait are
	// sent together: with no more of them than connections nobody would wait.
	gathered = 256
)

func (c scripted[C]) callers() int {
	if c.Pipeline {
		return max(gathered, c.Connections)
	}
	return c.Connections
}

func networkedDefaults[C any](limit C) networked[C] {
	return networked[C]{Limit: limit, Connections: defaultConnections}
}

// onRedis is a kind of limiter that is a script. local makes the limiter in this
// process that may decide in its place.
func onRedis[C any, R, L limiters.Limiter](
	env Env, name, doc string, limit C, local func(C) (L, error),
	construct func(redis.UniversalClient, redislua.Setup[C]) (R, error),
) catalog.Kind[limiters.Limiter] {
	return catalog.Define(name, doc+" as a Redis script", scripted[C]{networked: networkedDefaults(limit), Client: Auto},
		func(c scripted[C]) (limiters.Limiter, error) {
			setup := redislua.Setup[C]{Config: c.Limit, Prefix: env.prefix(), InjectTime: env.InjectTime, Pipeline: c.Pipeline}
			connections := c.Connections
			if l, err := construct(nil, setup); err == nil && c.lone(env, l) {
				connections = 1
			}
			return overNetwork(env, c.networked, connections, c.callers(), as(local), func(client redis.UniversalClient) (limiters.Limiter, carriage, error) {
				l, err := construct(client, setup)
				if err != nil {
					_, chosen := c.carriage(env, nil)
					return nil, carriage{}, errors.Join(err, chosen)
				}
				by, err := c.carriage(env, l)
				return l, by, err
			})
		})
}

// libraryOnRedis is a kind of limiter that is somebody else's.
func libraryOnRedis[C any, R limiters.Limiter](
	env Env, name, doc string, limit C, construct func(redis.UniversalClient, string, C) (R, error),
) catalog.Kind[limiters.Limiter] {
	return catalog.Define(name, doc, networkedDefaults(limit), func(c networked[C]) (limiters.Limiter, error) {
		return overNetwork(env, c, c.Connections, c.Connections, nil, func(client redis.UniversalClient) (limiters.Limiter, carriage, error) {
			l, err := construct(client, env.prefix(), c.Limit)
			return l, carriage{chosen: GoRedis}, err
		})
	})
}

// overNetwork gives a limiter a client of its own on the run's Redis, with so many
// connections, and a policy for when that does not answer.
func overNetwork[C any](
	env Env, c networked[C], connections, callers int, local func(C) (limiters.Limiter, error), construct func(redis.UniversalClient) (limiters.Limiter, carriage, error),
) (limiters.Limiter, error) {
	client, own := env.Client, redis.UniversalClient(nil)
	if client == nil && env.Redis != nil {
		own = env.Redis.Client(redisproc.ClientOptions{Connections: connections})
		client = own
	}
	primary, by, err := construct(client)
	if c.Connections < 1 || c.Connections > maxConnections {
		err = errors.Join(err, fmt.Errorf("connections is %d; want 1 to %d", c.Connections, maxConnections))
	}
	var l limiters.Limiter
	if err = errors.Join(err, c.Validate()); err == nil {
		if env.InjectTime {
			c.Deadline = 0 // a call takes none of a time that is not the world's
		}
		l, err = c.guard(primary, local)
	}
	if err != nil && own != nil {
		err = errors.Join(err, own.Close())
	}
	if err != nil {
		return nil, err
	}
	return newRemote(l, own, callers, by), nil
}

// guard puts the policy around the limiter, where there is one.
func (c networked[C]) guard(primary limiters.Limiter, local func(C) (limiters.Limiter, error)) (limiters.Limiter, error) {
	switch {
	case c.Config == failure.Config{}:
		return primary, nil
	case c.OnError != failure.Local.String():
		local = nil
	case local == nil:
		return nil, errors.New("on_error is local, but the library has no limiter in this process; want error, open or closed")
	}
	var fallback limiters.Limiter
	if local != nil {
		var err error
		if fallback, err = local(c.Limit); err != nil {
			return nil, err
		}
	}
	policy, err := c.Policy(fallback)
	if err != nil {
		return nil, err
	}
	return failure.New(primary, policy)
}

// prefix is the run's; while only checking there is no run.
func (e Env) prefix() string {
	if e.Prefix == "" {
		return "fcbench:"
	}
	return e.Prefix
}

// asked is what every limiter behind a network can do.
type asked interface {
	limiters.Limiter
	limiters.Described
	limiters.Opener
	limiters.Closer
}

// remote is a limiter behind a client.
type remote struct {
	asked
	client  io.Closer // its own; nil where there is none, or one for all
	workers int
	carriage
}

func newRemote(l limiters.Limiter, client io.Closer, workers int, by carriage) limiters.Limiter {
	return &remote{asked: l.(asked), client: client, workers: workers, carriage: by}
}

// Unwrap returns the limiter, for what else it can do.
func (r *remote) Unwrap() limiters.Limiter { return r.asked }

// Workers is how many callers may ask at once.
func (r *remote) Workers() int { return r.workers }

// Close deletes what the limiter stored, then closes the client. Without one of its own
// nothing was stored, or others see to it.
func (r *remote) Close(ctx context.Context) error {
	if r.client == nil {
		return nil
	}
	return errors.Join(r.asked.Close(ctx), r.client.Close())
}

// workersOf is how many callers a limiter takes at once; 0 for one that is
// called in the runner's loop.
func workersOf(l limiters.Limiter) int {
	if c, ok := limiters.As[interface{ Workers() int }](l); ok {
		return c.Workers()
	}
	return 0
}
