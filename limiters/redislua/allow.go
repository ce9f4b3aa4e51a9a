package redislua

import (
	"context"
	"fmt"
	"time"

	"github.com/fcbench/fcbench/internal/rediskeys"
	"github.com/fcbench/fcbench/limiters"
	"github.com/redis/go-redis/v9"
)

// Allow implements [limiters.Limiter]. With injected time now counts in whole
// microseconds, rounded down, and Decision.At is that instant or the later one
// of the key's latest grant. With the server's time now is ignored and
// Decision.At is the server's Unix time.
func (l *Scripted) Allow(ctx context.Context, now time.Duration, key string, n int64) (limiters.Decision, error) {
	for {
		s := l.script.Load()
		call, err := l.complete(ctx, s, now, key, n)
		if err != nil {
			return limiters.Decision{}, err
		}
		reply, err := l.send(ctx, s, call)
		switch {
		case err == nil:
			return l.decision(reply)
		case !unread(err) || l.script.Load() == s:
			return limiters.Decision{}, l.failure(key, err)
		}
	}
}

// unread reports that a script could make nothing of a state, and did nothing.
// That of a limit that was changed meanwhile can.
func unread(err error) bool { return redis.HasErrorPrefix(err, "value under the key") }

func (l *Scripted) failure(key string, err error) error {
	return fmt.Errorf("%s: key %s: %w", l.name, rediskeys.Brief(key), err)
}

// sender has a server run a script, and returns its reply.
type sender interface {
	send(ctx context.Context, s *script, call *redis.IntSliceCmd) ([]int64, error)
}

// direct sends each call by itself.
type direct struct{ client redis.UniversalClient }

// send names the script by its digest. A server that lost it (restarted, flushed,
// failed over) refuses before doing anything, so it may be asked again: it is
// given the script back, for the next calls, and decides this one by EVAL, which
// needs no luck about what happens between two commands.
func (d direct) send(ctx context.Context, s *script, call *redis.IntSliceCmd) ([]int64, error) {
	err := d.client.Process(ctx, call)
	if !lost(err) {
		return call.Val(), err
	}
	if err := d.client.ScriptLoad(ctx, s.source).Err(); err != nil {
		return nil, fmt.Errorf("SCRIPT LOAD after NOSCRIPT: %w", err)
	}
	call = s.inFull(ctx, call)
	err = d.client.Process(ctx, call)
	return call.Val(), err
}

// lost reports that a server does not know a script. To ask go-redis allocates,
// even about no error.
func lost(err error) bool { return err != nil && redis.HasErrorPrefix(err, "NOSCRIPT") }

// What scripts reply in place of a wait.
const (
	never   = -1
	unknown = -2
)

// decision reads a script's reply, whose durations are in µs.
func (l *Scripted) decision(reply []int64) (limiters.Decision, error) {
	want := 5
	if l.sixth != nil {
		want++
	}
	if len(reply) != want {
		return limiters.Decision{}, fmt.Errorf("reply of the script is %v; want %d integers", reply, want)
	}
	d := limiters.Decision{
		Allowed:    reply[0] == 1,
		Remaining:  reply[1],
		RetryAfter: wait(reply[2]),
		ResetAfter: wait(reply[3]),
		At:         time.Duration(reply[4]) * time.Microsecond,
	}
	if l.sixth != nil {
		d = l.sixth(d, reply[5])
	}
	return d, nil
}

func wait(micros int64) time.Duration {
	switch micros {
	case never:
		return limiters.Never
	case unknown:
		return limiters.Unknown
	}
	return time.Duration(micros) * time.Microsecond
}
