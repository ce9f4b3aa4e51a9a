// Package redislua holds rate limiters whose state and clock are a Redis server's.
//
// A decision is one script, and so atomic, on one key, and so at home in a
// cluster. The script counts in integers below 2^53, where Lua's doubles are
// exact, and decides to the microsecond, just as the limiter of the same name in
// package limiters would. Its time is the server's own, so that all its clients
// agree, or one that the caller injects ([Setup.InjectTime]); either way it tells
// the instant at which it decided. Redis 6.2 or later is needed, any Valkey, and
// no module.
//
// A script is put together from the clock it goes by, which also knows when a
// key may be forgotten, and from the algorithm, which does not care.
//
// An error of Redis is returned as an error. It is never turned into a decision,
// and nothing is sent twice that might have been charged the first time.
package redislua

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/fcbench/fcbench/internal/rediskeys"
	"github.com/fcbench/fcbench/limiters"
	"github.com/redis/go-redis/v9"
)

// Setup is a limit, and where its keys live. Config is a [limiters.Config] for
// buckets, a [limiters.WindowConfig] for windows.
type Setup[C any] struct {
	Config C
	// Prefix starts every key and ends in ":". It must be the run's own: Close
	// deletes whatever starts with it.
	Prefix string
	// InjectTime makes the now given to Allow the time, instead of the server's
	// TIME. Keys then outlive any run, by a day, because the server's clock does
	// not know when their debt is paid.
	InjectTime bool
	// Pipeline sends the requests of callers that come while another is on its
	// way together, in one pipeline. Each waits a little longer then, and the
	// client and the server do less for it. Who is alone is sent at once.
	Pipeline bool
}

// Config sets up a bucket, WindowConfig a window.
type (
	Config       = Setup[limiters.Config]
	WindowConfig = Setup[limiters.WindowConfig]
)

// Scripted is a limiter that is a script, with a state per key on a Redis server. It is safe for
// concurrent use.
type Scripted struct {
	definition
	sender
	client redis.UniversalClient
	prefix string
	inject bool
	script atomic.Pointer[script]
}

// definition is what distinguishes one kind of limiter from another.
type definition struct {
	name    string
	info    limiters.Info // Scope and the clock are filled in
	bound   func(w time.Duration) int64
	limit   []int64  // the limit as the script counts it
	scripts []string // the files that make the script, after the clock
	// sixth adds what the script replies beyond the five numbers that all do.
	sixth func(limiters.Decision, int64) limiters.Decision
}

var (
	_ limiters.Limiter   = (*Scripted)(nil)
	_ limiters.Described = (*Scripted)(nil)
	_ limiters.Opener    = (*Scripted)(nil)
	_ limiters.Closer    = (*Scripted)(nil)
)

// newLimiter makes a limiter of its parts, unless err or the setup forbids it.
func newLimiter[C any](client redis.UniversalClient, setup Setup[C], d definition, err error) (*Scripted, error) {
	if err = errors.Join(err, rediskeys.CheckPrefix(setup.Prefix)); err != nil {
		return nil, err
	}
	d.info.Scope, d.info.TimeSource, d.info.Resolution = "redis", limiters.TimeRedis, time.Microsecond
	if setup.InjectTime {
		d.info.TimeSource = limiters.TimeArgument
	}
	l := &Scripted{definition: d, client: client, prefix: setup.Prefix, inject: setup.InjectTime, sender: direct{client}}
	if setup.Pipeline {
		l.sender = &pipeline{client: client}
	}
	l.script.Store(l.newScript(d.limit, d.scripts...))
	return l, nil
}

// Open implements [limiters.Opener]: it loads the script, so that no decision
// pays for that.
func (l *Scripted) Open(ctx context.Context) error {
	return l.load(ctx, l.script.Load())
}

func (l *Scripted) load(ctx context.Context, s *script) error {
	if err := l.client.ScriptLoad(ctx, s.source).Err(); err != nil {
		return fmt.Errorf("%s: SCRIPT LOAD: %w", l.name, err)
	}
	return nil
}

// Info implements [limiters.Described].
func (l *Scripted) Info() limiters.Info { return l.info }

// Bound implements [limiters.Described]. Windows are on the clock of Decision.At.
func (l *Scripted) Bound(w time.Duration) int64 { return l.bound(w) }
