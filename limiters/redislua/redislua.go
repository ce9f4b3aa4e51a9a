// Package redislua holds rate limiters whose state and clock are a Redis server's.
//
// A decision is one script, and so atomic, on one key, and so at home in a
// cluster. The script counts in integers below 2^53, where Lua's doubles are
// exact, and decides to the microsecond. Its time is the server's own, so that
// all its clients agree, or one that the caller injects ([Config.InjectTime]);
// either way it tells the instant at which it decided. Redis 6.2 or later is
// needed, any Valkey, and no module.
//
// An error of Redis is returned as an error. It is never turned into a decision,
// and nothing is sent twice that might have been charged the first time.
package redislua

import (
	"context"
	"crypto/sha1"
	_ "embed"
	"encoding/hex"
	"errors"
	"fmt"
	"math/bits"
	"strings"
	"time"

	"github.com/fcbench/fcbench/limiters"
	"github.com/redis/go-redis/v9"
)

//go:embed gcra.lua
var gcraSource string

//go:embed token_bucket.lua
var tokenBucketSource string

// Config describes a limiter: a bucket, and where its keys live.
type Config struct {
	limiters.Config
	// Prefix starts every key and ends in ":". It must be the run's own: Close
	// deletes whatever starts with it.
	Prefix string
	// InjectTime makes the now given to Allow the time, instead of the server's
	// TIME. Keys then outlive any run, by a day, because the server's clock does
	// not know when their debt is paid.
	InjectTime bool
}

// Limiter is a bucket per key on a Redis server. It is safe for concurrent use.
type Limiter struct {
	algorithm
	exact
	client redis.UniversalClient
	prefix string
	inject bool
	args   []any // of EVALSHA, to be completed in a copy
}

// algorithm is what distinguishes one kind of limiter from another.
type algorithm struct {
	name   string
	state  string
	source string
	sha    string
}

var (
	_ limiters.Limiter   = (*Limiter)(nil)
	_ limiters.Described = (*Limiter)(nil)
	_ limiters.Opener    = (*Limiter)(nil)
	_ limiters.Closer    = (*Limiter)(nil)
)

// NewGCRA returns a generic cell rate algorithm (ITU-T I.371, virtual
// scheduling) in Lua. Nothing is sent before Open.
func NewGCRA(client redis.UniversalClient, config Config) (*Limiter, error) {
	return newLimiter(client, config, algorithm{
		name: "gcra", state: "TAT and latest instant, one string", source: gcraSource,
	})
}

// NewTokenBucket returns a lazily filled token bucket in Lua. Nothing is sent
// before Open.
func NewTokenBucket(client redis.UniversalClient, config Config) (*Limiter, error) {
	return newLimiter(client, config, algorithm{
		name: "token-bucket", state: "credit and latest instant, one string", source: tokenBucketSource,
	})
}

func newLimiter(client redis.UniversalClient, config Config, a algorithm) (*Limiter, error) {
	sum := sha1.Sum([]byte(a.source)) // the name under which Redis keeps the script
	a.sha = hex.EncodeToString(sum[:])
	limit, err := newExact(config.Config)
	if len(config.Prefix) < 2 || !strings.HasSuffix(config.Prefix, ":") {
		err = errors.Join(err, fmt.Errorf("key prefix is %q; want one of the run's own that ends in \":\"", config.Prefix))
	}
	if err != nil {
		return nil, err
	}
	l := &Limiter{algorithm: a, exact: limit, client: client, prefix: config.Prefix, inject: config.InjectTime}
	l.args = l.template()
	return l, nil
}

// Open implements [limiters.Opener]: it loads the script, so that no decision
// pays for that.
func (l *Limiter) Open(ctx context.Context) error {
	if err := l.client.ScriptLoad(ctx, l.source).Err(); err != nil {
		return fmt.Errorf("redis-%s: SCRIPT LOAD: %w", l.name, err)
	}
	return nil
}

// Info implements [limiters.Described].
func (l *Limiter) Info() limiters.Info {
	source := limiters.TimeRedis
	if l.inject {
		source = limiters.TimeArgument
	}
	return limiters.Info{Algorithm: l.name, Scope: "redis", State: l.state, TimeSource: source, Limit: l.limit}
}

// Bound implements [limiters.Described]: the burst, and what flows in meanwhile.
// Windows are on the clock of Decision.At.
func (l *Limiter) Bound(w time.Duration) int64 {
	hi, lo := bits.Mul64(uint64(w), uint64(l.limit.Rate))
	if hi >= uint64(l.limit.Period) {
		return int64(limiters.Never)
	}
	flow, _ := bits.Div64(hi, lo, uint64(l.limit.Period))
	return int64(min(flow, uint64(limiters.Never)-uint64(l.limit.Burst))) + l.limit.Burst
}
