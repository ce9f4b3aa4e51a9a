package redislua

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/fcbench/fcbench/limiters"
	"github.com/redis/go-redis/v9"
)

// The places of a command's arguments that differ from call to call.
const (
	argCommand = 0
	argScript  = 1
	argKey     = 3
	argCost    = 7
	argNow     = 8
)

// template returns the arguments of EVALSHA with those places open. An empty now
// has the script ask for the server's TIME.
func (l *Limiter) template() []any {
	number := func(n int64) any { return strconv.FormatInt(n, 10) }
	return []any{"evalsha", l.sha, "1", nil, number(l.rate), number(l.period), number(l.limit.Burst), nil, ""}
}

// Allow implements [limiters.Limiter]. With injected time now counts in whole
// microseconds, rounded down, and Decision.At is that instant or the later one
// of the key's latest grant. With the server's time now is ignored and
// Decision.At is the server's Unix time.
func (l *Limiter) Allow(ctx context.Context, now time.Duration, key string, n int64) (limiters.Decision, error) {
	if n < 1 {
		return limiters.Decision{}, fmt.Errorf("cost is %d; want at least 1", n)
	}
	if l.inject && now > maxNow {
		return limiters.Decision{}, fmt.Errorf("now is %v; want at most %v, for a script to be exact", now, maxNow)
	}
	args := slices.Clone(l.args)
	args[argKey], args[argCost] = l.prefix+key, n
	if l.inject {
		args[argNow] = max(0, now).Microseconds()
	}
	reply, err := l.eval(ctx, args)
	if err != nil {
		return limiters.Decision{}, fmt.Errorf("redis-%s: key %s: %w", l.name, brief(key), err)
	}
	return decision(reply)
}

// eval runs the script by its digest. A server that lost it (restarted, flushed,
// failed over) refuses before doing anything, so it may be asked again: it is
// given the script back, for the next calls, and decides this one by EVAL, which
// needs no luck about what happens between two commands.
func (l *Limiter) eval(ctx context.Context, args []any) ([]int64, error) {
	cmd := redis.NewIntSliceCmd(ctx, args...)
	err := l.client.Process(ctx, cmd)
	if err == nil || !redis.HasErrorPrefix(err, "NOSCRIPT") {
		return cmd.Val(), err
	}
	if err := l.client.ScriptLoad(ctx, l.source).Err(); err != nil {
		return nil, fmt.Errorf("SCRIPT LOAD after NOSCRIPT: %w", err)
	}
	args[argCommand], args[argScript] = "eval", l.source
	cmd = redis.NewIntSliceCmd(ctx, args...)
	err = l.client.Process(ctx, cmd)
	return cmd.Val(), err
}

// decision reads a script's reply, whose durations are in µs.
func decision(reply []int64) (limiters.Decision, error) {
	if len(reply) != 5 {
		return limiters.Decision{}, fmt.Errorf("reply of the script is %v; want five integers", reply)
	}
	d := limiters.Decision{
		Allowed:    reply[0] == 1,
		Remaining:  reply[1],
		RetryAfter: limiters.Never,
		ResetAfter: time.Duration(reply[3]) * time.Microsecond,
		At:         time.Duration(reply[4]) * time.Microsecond,
	}
	if wait := reply[2]; wait >= 0 {
		d.RetryAfter = time.Duration(wait) * time.Microsecond
	}
	return d, nil
}

// brief quotes a key, or the beginning of one that is too long for an error.
func brief(key string) string {
	const most = 64
	if len(key) > most {
		return fmt.Sprintf("%q… (%d bytes)", key[:most], len(key))
	}
	return strconv.Quote(key)
}
