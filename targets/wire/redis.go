package wire

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/fcbench/fcbench/internal/redisproc"
	"github.com/fcbench/fcbench/internal/strictyaml"
	"github.com/fcbench/fcbench/internal/units"
	"github.com/fcbench/fcbench/targets"
)

// RedisConfig describes a command, or a script, on the Redis of the run, or on one of
// the target's own. In what is
// sent {key} stands for the request's key under a prefix of the trial's own, {payload},
// alone, for as many bytes as the request has, and ${NAME} for the environment variable
// NAME, so that secrets need not be written down.
type RedisConfig struct {
	Command     strictyaml.Texts `yaml:"command,omitempty"`     // its words, or one text of them, quoted as in a shell
	Script      string           `yaml:"script,omitempty"`      // a script in Lua in place of a command
	ScriptFile  string           `yaml:"script_file,omitempty"` // a file with it
	Keys        []string         `yaml:"keys,omitempty"`        // of the script; {key} by default
	Args        []string         `yaml:"args,omitempty"`        // of the script
	Connections int              `yaml:"connections,omitempty"` // at most so many at once; 0 for as many as are in flight
	Depth       int              `yaml:"depth,omitempty"`       // commands on a connection at once, by the event engine; 1 if it is 0
	Engine      Engine           `yaml:"engine,omitempty"`      // auto, event or portable

	ConnectTimeout units.Duration `yaml:"connect_timeout,omitempty"` // as of [HTTPConfig]

	RedisAddress `yaml:",inline"`
}

// RedisServer is a Redis that commands are sent to, and what is asked of it besides.
type RedisServer interface {
	Direct() (redisproc.Direct, error)
	// Permit reports why a command must not be sent to a Redis that is somebody else's:
	// it does more than to use keys that begin with prefix.
	Permit(ctx context.Context, command []string, prefix string) error
	// Load has it know a script.
	Load(ctx context.Context, script string) error
	// Sweep deletes all keys that begin with prefix.
	Sweep(ctx context.Context, prefix string) error
	Close() error
}

// Redis sends commands to a Redis.
type Redis struct {
	config  RedisConfig
	words   []string
	keyed   bool // some word holds the key
	prefix  string
	own     *redisproc.Options // of a Redis that is not the run's; else nil
	connect Connect
	server  RedisServer // while it is open
	*Service
	commands *commands
}

// Connect finds the Redis of the run, or its own where there is one. Its dialer is the
// caller's.
type Connect func(ctx context.Context, own *redisproc.Options) (RedisServer, error)

// NewRedis checks c and returns its target; nothing is sent yet. Keys of trials begin
// with prefix.
func NewRedis(c RedisConfig, prefix string, connect Connect) (*Redis, error) {
	words, script, err := c.words()
	own, ownErr := c.options()
	if err = errors.Join(err, c.check(), ownErr); err != nil {
		return nil, err
	}
	t := &Redis{config: c, words: words, prefix: prefix, own: own, connect: connect, commands: newCommands(words, script)}
	t.keyed = strings.Contains(strings.Join(words, " "), keyPlace)
	t.Service = NewService(t.commands, Options{Connections: c.Connections})
	switch _, socket, _ := c.split(); {
	case own == nil:
		t.info.Scope = "redis"
	case !socket:
		t.info.Address = c.Address
	}
	return t, nil
}

func (c RedisConfig) check() error {
	var errs []error
	bad := func(format string, args ...any) { errs = append(errs, fmt.Errorf(format, args...)) }
	if c.Connections < 0 {
		bad("connections is %d; want 0 or more", c.Connections)
	}
	if c.Depth < 0 || c.Depth > deepest {
		bad("depth is %d; want 1 to %d, or 0 for 1", c.Depth, deepest)
	}
	if c.Depth > 1 && c.Connections == 0 {
		bad("depth is %d beside no connections; want connections too: without, each command has one of its own", c.Depth)
	}
	return errors.Join(append(errs, c.Engine.check(), c.Engine.checkDepth(c.Depth))...)
}

// Open connects, and makes sure that the command may be sent. Where it may not, nothing
// is left connected.
func (t *Redis) Open(ctx context.Context) (err error) {
	if t.server, err = t.connect(ctx, t.own); err != nil {
		t.server = nil
		return err
	}
	if err = t.prepare(ctx); err != nil {
		err = errors.Join(err, t.server.Close())
		t.server = nil
	}
	return err
}

func (t *Redis) prepare(ctx context.Context) error {
	direct, err := t.server.Direct()
	if err != nil {
		return fmt.Errorf("target redis: %w; want the address of one server", err)
	}
	if t.config.Depth > 1 && !Evented(direct) {
		return fmt.Errorf("target redis: depth is %d, and the Redis is within this process, where the engine is portable; want depth 1", t.config.Depth)
	}
	if t.config.Engine == Event && !Evented(direct) {
		return errors.New("target redis: engine is event, and the Redis is within this process; want portable, or auto, which is that")
	}
	if err := t.server.Permit(ctx, t.commands.example(t.prefix), t.prefix); err != nil {
		return fmt.Errorf("target redis: %w", err)
	}
	info := t.info
	t.commands.login = newLogin(direct)
	t.Service = NewService(t.commands, Options{
		Network: direct.Network, Address: direct.Address, TLS: direct.TLS, Dialer: direct,
		Engine: t.config.Engine, Connections: t.config.Connections, Depth: max(1, t.config.Depth),
		ConnectTimeout: t.config.ConnectTimeout.Std(),
	})
	t.info = info
	return t.Service.Open(ctx)
}

// Begin makes a prefix for the keys of the trial, and has the server know the script.
func (t *Redis) Begin(ctx context.Context, id targets.TrialID) error {
	t.commands.prefix = t.prefix + string(id) + ":"
	if t.commands.script == "" {
		return nil
	}
	return t.server.Load(ctx, t.commands.script)
}

// Lane sends; a script that the server does not know is sent in full.
func (t *Redis) Lane(ctx context.Context, env targets.Env, i, n int) (targets.Async, error) {
	lane, err := t.Service.Lane(ctx, env, i, n)
	if err != nil || t.commands.script == "" {
		return lane, err
	}
	return newAsking(lane, env.InFlight, nil), nil
}

const (
	// sweepWithin bounds how long it takes to delete what a trial left.
	sweepWithin = time.Minute
	// straggling is how long after that a command may come to be done which was given up:
	// its connection is closed, but what was written to it is on its way, or waits for the
	// server to look.
	straggling = 100 * time.Millisecond
)

// End deletes the keys of the trial, and does so again where commands were given up.
func (t *Redis) End(ctx context.Context) error {
	if !t.keyed || t.commands.prefix == "" {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), sweepWithin)
	defer cancel()
	err := t.server.Sweep(ctx, t.commands.prefix)
	if err != nil || !t.options.abandoned.Swap(false) {
		return err
	}
	if err := targets.Sleep(ctx, straggling); err != nil {
		return err
	}
	return t.server.Sweep(ctx, t.commands.prefix)
}

// Close closes all connections.
func (t *Redis) Close(ctx context.Context) error {
	err := t.Service.Close(ctx)
	if t.server != nil {
		err = errors.Join(err, t.server.Close())
	}
	return err
}
