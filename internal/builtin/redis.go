package builtin

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/redis/go-redis/v9"

	"github.com/fcbench/fcbench/internal/rediskeys"
	"github.com/fcbench/fcbench/internal/redisproc"
	"github.com/fcbench/fcbench/targets"
	"github.com/fcbench/fcbench/targets/wire"
)

// newRedis makes the target of commands on the Redis of a run, or on its own.
func newRedis(env Env) func(wire.RedisConfig) (targets.Target, error) {
	return func(c wire.RedisConfig) (targets.Target, error) {
		return asTarget(wire.NewRedis(c, env.prefix(), env.commanded))
	}
}

// commanded finds the Redis of a run, or one of a target's own.
func (env Env) commanded(ctx context.Context, own *redisproc.Options) (wire.RedisServer, error) {
	server := env.Redis
	if own != nil {
		with := *own
		with.Dialer = env.Dialer
		var err error
		if server, err = redisproc.Start(ctx, with); err != nil {
			return nil, fmt.Errorf("target redis: %w", err)
		}
	}
	if server == nil {
		return nil, errors.New("target redis: there is no Redis; want that of a run")
	}
	return commanded{server, server.Client(redisproc.ClientOptions{}), own != nil}, nil
}

// commanded is a server that is sent commands of the user's.
type commanded struct {
	server *redisproc.Server
	client redis.UniversalClient
	own    bool // nobody else asks it
}

func (s commanded) Direct() (redisproc.Direct, error) { return s.server.Direct() }

// Load implements [wire.RedisServer].
func (s commanded) Load(ctx context.Context, script string) error {
	if err := s.client.ScriptLoad(ctx, script).Err(); err != nil {
		return fmt.Errorf("target redis: SCRIPT LOAD: %w", err)
	}
	return nil
}

// Sweep implements [wire.RedisServer].
func (s commanded) Sweep(ctx context.Context, prefix string) error {
	if err := rediskeys.Sweep(ctx, s.client, prefix); err != nil {
		return fmt.Errorf("target redis: %w", err)
	}
	return nil
}

// Close implements [wire.RedisServer].
func (s commanded) Close() error {
	err := s.client.Close()
	if s.own {
		err = errors.Join(err, s.server.Close())
	}
	return err
}

// Permit implements [wire.RedisServer]: a server that is not fcbench's is asked what the
// command is, and which of its words are keys.
func (s commanded) Permit(ctx context.Context, command []string, prefix string) error {
	if s.server.Info().Mode != redisproc.External {
		return nil
	}
	name := strings.ToUpper(command[0])
	traits, err := s.traits(ctx, name)
	if err == nil && traits == nil {
		err = fmt.Errorf("command is %q, which the Redis does not know; want one that it does", name)
	}
	if err != nil {
		return err
	}
	if len(command) > 1 { // it may be one of several in one, such as CONFIG SET
		more, err := s.traits(ctx, name+"|"+command[1])
		if traits = append(traits, more...); err != nil {
			return err
		}
	}
	for _, bad := range []string{"admin", "pubsub", "blocking", "@dangerous"} {
		if slices.Contains(traits, bad) {
			return fmt.Errorf("command is %s, which is %s, and the Redis is not fcbench's; want a command that uses keys alone, or %s", name, strings.TrimPrefix(bad, "@"), s.instead())
		}
	}
	keys, err := s.keys(ctx, command)
	if err != nil {
		return err
	}
	for _, key := range keys {
		if !strings.HasPrefix(key, prefix) {
			return fmt.Errorf("command %s uses the key %s, and the Redis is not fcbench's; want keys that begin with {key}, or %s", name, rediskeys.Brief(key), s.instead())
		}
	}
	if len(keys) == 0 && slices.Contains(traits, "write") {
		return fmt.Errorf("command is %s, which writes and names no key, and the Redis is not fcbench's; want a command with {key}, or %s", name, s.instead())
	}
	return nil
}

// instead is what has commands sent to a Redis of fcbench's.
func (s commanded) instead() string {
	if s.own {
		return "no address"
	}
	return "no --redis"
}

// traits are the flags and categories of a command; nil of one that there is not.
func (s commanded) traits(ctx context.Context, name string) (all []string, err error) {
	reply, err := s.client.Do(ctx, "COMMAND", "INFO", name).Slice()
	if err != nil {
		return nil, fmt.Errorf("COMMAND INFO %s: %w", name, err)
	}
	var info []any
	if len(reply) == 1 {
		info, _ = reply[0].([]any)
	}
	if len(info) < 7 {
		return nil, nil
	}
	all = []string{"known"}
	for _, i := range []int{2, 6} {
		list, _ := info[i].([]any)
		for _, one := range list {
			all = append(all, fmt.Sprint(one))
		}
	}
	return all, nil
}

// keys are the words of a command that are keys.
func (s commanded) keys(ctx context.Context, command []string) ([]string, error) {
	if len(command) == 1 {
		return nil, nil
	}
	args := []any{"COMMAND", "GETKEYS"}
	for _, word := range command {
		args = append(args, word)
	}
	keys, err := s.client.Do(ctx, args...).StringSlice()
	switch {
	case err == nil:
		return keys, nil
	case strings.Contains(err.Error(), "no key arguments"):
		return nil, nil
	}
	return nil, fmt.Errorf("command %s: %w; want it as the Redis takes it", strings.ToUpper(command[0]), err)
}
