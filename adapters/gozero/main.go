// Gozero is package core/limit of github.com/zeromicro/go-zero, on the Redis
// server at -redis, as a program for exec:.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"time"

	"github.com/zeromicro/go-zero/core/limit"
	"github.com/zeromicro/go-zero/core/logx"
	"github.com/zeromicro/go-zero/core/stores/redis"

	"github.com/fcbench/fcbench/adapters/internal/serve"
	"github.com/fcbench/fcbench/internal/units"
	"github.com/fcbench/fcbench/limiters"
)

const version = "v1.10.3"

func main() {
	addr := flag.String("redis", "127.0.0.1:6379", "host:port of the server")
	flag.Parse()
	logx.SetWriter(logx.NewWriter(os.Stderr)) // standard output is for answers
	serve.Main("gozero", func(w serve.Wanted) (serve.Limiter, error) {
		store, err := redis.NewRedis(redis.RedisConf{Host: *addr, Type: redis.NodeType})
		if err != nil {
			return nil, err
		}
		if w.Algorithm == "fixed-window" {
			return newPeriod(store, w.Prefix, w.Limit)
		}
		return newTokens(store, w.Prefix, w.Limit)
	})
}

// checkCost wants a cost from 1 to most.
func checkCost(n, most int64) error {
	if n < 1 || n > most {
		return fmt.Errorf("cost is %d; want 1 to %d", n, most)
	}
	return nil
}

// tokens has one TokenLimiter per key, in fcbench's registry.
type tokens struct {
	limiters.Described // what the library says it is, for the limit and the bound
	keys               *limiters.Keyed[tokenLimiter]
	fresh              string // the key that is new; a limiter knows its own by name
}

type tokenLimiter struct{ *limit.TokenLimiter }

// newTokens asks TokenLimiter by AllowNCtx. Its documentation names the rate in
// events per second and the burst that is permitted at most. Of now it counts
// whole seconds; if the server fails it decides in this process, and says nothing.
func newTokens(store *redis.Redis, prefix string, c limiters.Config) (*tokens, error) {
	model, err := limiters.NewTokenBucket(c)
	if err != nil {
		return nil, err
	}
	if time.Second%model.Info().Limit.Period != 0 {
		return nil, fmt.Errorf("rate is %v; want a whole number per second", c.Rate)
	}
	perSecond := model.Info().Limit.Rate * int64(time.Second/model.Info().Limit.Period)
	t := &tokens{Described: model}
	t.keys = limiters.NewKeyed(
		func(s *tokenLimiter, _ time.Duration) {
			s.TokenLimiter = limit.NewTokenLimiter(int(perSecond), int(c.Burst), store, prefix+t.fresh)
		},
		func(*tokenLimiter, time.Duration) bool { return false })
	return t, nil
}

// Info implements [limiters.Described].
func (t *tokens) Info() limiters.Info {
	info := t.Described.Info()
	info.Version, info.Scope, info.State, info.Resolution = version, "redis", "tokens and their second, two strings", time.Second
	info.Lacks = []string{"keys of one limiter", "parts of a second", "errors", "peek", "retry-after", "remaining", "reset-after"}
	return info
}

// Allow implements [limiters.Limiter].
func (t *tokens) Allow(ctx context.Context, now time.Duration, key string, n int64) (limiters.Decision, error) {
	if err := checkCost(n, 1<<53); err != nil {
		return limiters.Decision{}, err
	}
	t.fresh = key
	l := t.keys.Get(key, now, true)
	return limiters.Whether(l.AllowNCtx(ctx, time.Unix(946_684_800, int64(now)), int(n)), now), nil
}

// period is a PeriodLimit.
type period struct {
	limiters.Described // what the library says it is, for the limit and the bound
	limit              *limit.PeriodLimit
}

// newPeriod asks PeriodLimit by TakeCtx. Its documentation has it limit requests
// during a period of time; a period begins with the first request, by the
// server's clock.
func newPeriod(store *redis.Redis, prefix string, c limiters.Config) (*period, error) {
	model, err := limiters.NewFixedWindow(limiters.WindowConfig{Rate: c.Rate, Window: units.Duration(c.Rate.Per)})
	if err != nil {
		return nil, err
	}
	l := model.Info().Limit
	if l.Period%time.Second != 0 {
		return nil, errors.New("window is " + l.Period.String() + "; want whole seconds")
	}
	return &period{model, limit.NewPeriodLimit(int(l.Period/time.Second), int(l.Rate), store, prefix)}, nil
}

// Info implements [limiters.Described].
func (p *period) Info() limiters.Info {
	info := p.Described.Info()
	info.Version, info.Scope, info.State = version, "redis", "count, one integer with an expiry"
	info.TimeSource, info.Unweighted, info.Windows = limiters.TimeRedis, true, limiters.FromFirst
	info.Lacks = []string{"costs", "time as an argument", "denials that change nothing", "peek", "retry-after", "remaining", "reset-after"}
	return info
}

// Allow implements [limiters.Limiter].
func (p *period) Allow(ctx context.Context, _ time.Duration, key string, n int64) (limiters.Decision, error) {
	if err := checkCost(n, 1); err != nil {
		return limiters.Decision{}, err
	}
	state, err := p.limit.TakeCtx(ctx, key)
	if err != nil {
		return limiters.Decision{}, err
	}
	return limiters.Whether(state != limit.OverQuota, limiters.Unknown), nil
}
