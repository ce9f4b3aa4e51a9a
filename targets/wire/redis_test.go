package wire_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/fcbench/fcbench/internal/rediskeys"
	"github.com/fcbench/fcbench/internal/redisproc"
	"github.com/fcbench/fcbench/internal/redisproc/redisproctest"
	"github.com/fcbench/fcbench/results"
	"github.com/fcbench/fcbench/targets"
	"github.com/fcbench/fcbench/targets/wire"
)

// commanded is a server to send commands to, any of them.
type commanded struct {
	*redisproc.Server
	redis.UniversalClient
}

func (commanded) Permit(context.Context, []string, string) error { return nil }

func (s commanded) Load(ctx context.Context, script string) error {
	return s.ScriptLoad(ctx, script).Err()
}

func (s commanded) Sweep(ctx context.Context, prefix string) error {
	return rediskeys.Sweep(ctx, s.UniversalClient, prefix)
}

func (commanded) Close() error { return nil }

// commandTo is an open target in its first trial, which ends with the test.
func commandTo(t *testing.T, s commanded, c wire.RedisConfig) *wire.Redis {
	t.Helper()
	target, err := wire.NewRedis(c, "run:", func(context.Context, *redisproc.Options) (wire.RedisServer, error) { return s, nil })
	if err != nil {
		t.Fatal(err)
	}
	if err := target.Open(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := target.Begin(t.Context(), "one"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { target.Close(context.Background()) })
	return target
}

// ways are the engines, on few connections and deep ones.
func ways() []wire.RedisConfig {
	all := []wire.RedisConfig{{Engine: wire.Portable}, {Engine: wire.Auto}, {Engine: wire.Auto, Connections: 2}}
	if slices.Contains(engines, wire.Event) {
		all = append(all, wire.RedisConfig{Engine: wire.Event, Connections: 2, Depth: 8})
	}
	return all
}

// TestRedisCommands arrive as they were told, by either engine, and what they left is
// gone after the trial.
func TestRedisCommands(t *testing.T) {
	t.Setenv("FCBENCH_TEST_WORD", "from outside")
	server := redisproctest.Start(t)
	s := commanded{server, redisproctest.Connect(t, server, 1)}
	s.Set(t.Context(), "others", "1", 0)
	for _, c := range ways() {
		for command, want := range map[string]string{
			"SET {key} <{key}>":                "<run:one:k1>",
			`SET {key} 'a  "b" c'`:             `a  "b" c`,
			`SET {key} "a \"b\"\n\\"`:          "a \"b\"\n\\",
			"SET {key} {payload}":              strings.Repeat("\x00", 7),
			"SET {key} ''":                     "",
			`SET {key} "${FCBENCH_TEST_WORD}"`: "from outside",
		} {
			c.Command = []string{command}
			target := commandTo(t, s, c)
			requests := make([]targets.Request, 60)
			for i := range requests {
				requests[i] = targets.Request{Key: fmt.Sprint("k", i%10), Size: 7}
			}
			for i, r := range send(t, target, 16, requests...) {
				if r.Outcome != results.OK {
					t.Fatalf("%s, %+v: request %d is %+v", command, c, i, r)
				}
			}
			if got := s.Get(t.Context(), "run:one:k1").Val(); got != want {
				t.Errorf("%s, %+v: the server has %q; want %q", command, c, got, want)
			}
			if n := s.DBSize(t.Context()).Val(); n != 11 {
				t.Errorf("%s: there are %d keys; want 10 and another", command, n)
			}
			if err := target.End(t.Context()); err != nil {
				t.Error(err)
			}
			if left := s.UniversalClient.Keys(t.Context(), "*").Val(); len(left) != 1 || left[0] != "others" {
				t.Errorf("%s: after the trial the server has %q; want nothing of it", command, left)
			}
		}
	}
}

// TestRedisErrors are outcomes with a cause, whatever else the reply may be.
func TestRedisErrors(t *testing.T) {
	server := redisproctest.Start(t)
	s := commanded{server, redisproctest.Connect(t, server, 1)}
	for _, c := range ways() {
		for command, want := range map[string]string{
			"INCRBY {key} x":      "ERR value is not an integer or out of range",
			"LPUSH {key}":         "ERR wrong number of arguments for 'lpush' command",
			"NONSENSE {key}":      "ERR unknown command 'NONSENSE'",
			"EVALSHA abc 1 {key}": "NOSCRIPT No matching script. Please use EVAL.",
			"GET {key}":           "",
			"HGETALL {key}":       "",
			"EVAL 'return {1,{{2},{}},false,{err=\"no\"}}' 1 {key}": "",
		} {
			c.Command = []string{command}
			target := commandTo(t, s, c)
			for i, r := range send(t, target, 4, make([]targets.Request, 8)...) {
				if want == "" && r.Outcome != results.OK || want != "" && (r.Outcome != results.Failed || r.Cause != want) {
					t.Errorf("%s, %+v: request %d is %+v; want %q", command, c, i, r, want)
				}
			}
		}
	}
}

// TestRedisScripts are sent by name, and once in full to a server that has forgotten them.
func TestRedisScripts(t *testing.T) {
	server := redisproctest.Start(t)
	s := commanded{server, redisproctest.Connect(t, server, 1)}
	const script = "return redis.call('INCRBY', KEYS[1], ARGV[1])"
	file := filepath.Join(t.TempDir(), "s.lua")
	if err := os.WriteFile(file, []byte(script), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range ways() {
		for _, from := range []wire.RedisConfig{{Script: script}, {ScriptFile: file, Keys: []string{"{key}"}}} {
			c.Script, c.ScriptFile, c.Keys, c.Args = from.Script, from.ScriptFile, from.Keys, []string{"3"}
			target := commandTo(t, s, c)
			for range 2 {
				for i, r := range send(t, target, 8, make([]targets.Request, 20)...) {
					if r.Outcome != results.OK {
						t.Fatalf("%+v: request %d is %+v", c, i, r)
					}
				}
				s.ScriptFlush(t.Context())
			}
			if got := s.Get(t.Context(), "run:one:").Val(); got != "120" {
				t.Errorf("%+v: 40 calls came to %s; want 120", c, got)
			}
			if err := target.End(t.Context()); err != nil {
				t.Error(err)
			}
		}
	}
}

// closing is a server that counts what is done to it, and permits what refusal does not
// say something against.
type closing struct {
	commanded
	refusal        error
	closed, swept  int
	whereItIsAsked func() (redisproc.Direct, error)
}

func (s *closing) Permit(context.Context, []string, string) error { return s.refusal }

func (s *closing) Direct() (redisproc.Direct, error) { return s.whereItIsAsked() }

func (s *closing) Sweep(ctx context.Context, prefix string) error {
	s.swept++
	return s.commanded.Sweep(ctx, prefix)
}

func (s *closing) Close() error {
	s.closed++
	return nil
}

// TestRedisThatDoesNotOpen leaves no client behind, whatever the reason.
func TestRedisThatDoesNotOpen(t *testing.T) {
	at := func(network string, err error) func() (redisproc.Direct, error) {
		return func() (redisproc.Direct, error) { return redisproc.Direct{Network: network}, err }
	}
	for name, c := range map[string]struct {
		closing
		wire.RedisConfig
		want string
	}{
		"cluster": {closing: closing{whereItIsAsked: at("", errors.New("it is a cluster"))}, want: "it is a cluster; want the address of one server"},
		"refused": {closing: closing{whereItIsAsked: at("tcp", nil), refusal: errors.New("no")}, want: "target redis: no"},
		"depth":   {closing: closing{whereItIsAsked: at("pipe", nil)}, RedisConfig: wire.RedisConfig{Connections: 1, Depth: 2}, want: "depth is 2"},
		"engine":  {closing: closing{whereItIsAsked: at("pipe", nil)}, RedisConfig: wire.RedisConfig{Engine: wire.Event}, want: "engine is event"},
		"opens":   {closing: closing{whereItIsAsked: at("tcp", nil)}},
	} {
		if (c.Engine != "" || c.Depth > 0) && !slices.Contains(engines, wire.Event) {
			continue // refused before
		}
		c.Command = []string{"PING"}
		target, err := wire.NewRedis(c.RedisConfig, "run:", func(context.Context, *redisproc.Options) (wire.RedisServer, error) { return &c.closing, nil })
		if err != nil {
			t.Fatal(err)
		}
		err = target.Open(t.Context())
		if opened := err == nil; opened != (c.want == "") || !opened && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v; want %q", name, err, c.want)
		}
		if want := min(1, len(c.want)); c.closed != want {
			t.Errorf("%s: the server is closed %d times after %v; want %d", name, c.closed, err, want)
		}
		if err := target.Close(t.Context()); err != nil || c.closed != 1 {
			t.Errorf("%s: after Close the server is closed %d times: %v; want once", name, c.closed, err)
		}
	}
}

// TestRedisStragglers: what callers gave up may be done after the trial, so that keys
// are deleted once more then; and only then.
func TestRedisStragglers(t *testing.T) {
	server := redisproctest.Start(t)
	s := commanded{server, redisproctest.Connect(t, server, 1)}
	for _, c := range ways() {
		c.Command = []string{"SET {key} 1"}
		one := &closing{commanded: s, whereItIsAsked: server.Direct}
		target, err := wire.NewRedis(c, "run:", func(context.Context, *redisproc.Options) (wire.RedisServer, error) { return one, nil })
		if err != nil {
			t.Fatal(err)
		}
		if err := target.Open(t.Context()); err != nil {
			t.Fatal(err)
		}
		trial := func(id targets.TrialID, outcome results.Outcome, sweeps int, request targets.Request, around ...func() error) {
			t.Helper()
			before := one.swept
			err := target.Begin(t.Context(), id)
			if len(around) > 0 {
				err = errors.Join(err, around[0]())
			}
			for i, r := range send(t, target, 4, request, request, request, request) {
				if r.Outcome != outcome {
					t.Errorf("%+v: request %d is %+v; want it %v", c, i, r, outcome)
				}
			}
			if len(around) > 0 {
				err = errors.Join(err, around[1]())
			}
			if err = errors.Join(err, target.End(t.Context())); err != nil {
				t.Error(err)
			}
			if n := s.DBSize(t.Context()).Val(); n != 0 || one.swept-before != sweeps {
				t.Errorf("%+v: after %d sweeps there are %d keys; want none after %d", c, one.swept-before, n, sweeps)
			}
		}
		trial("quick", results.OK, 1, targets.Request{Key: "k"})
		trial("slow", results.TimedOut, 2, targets.Request{Key: "k", Deadline: 20 * time.Millisecond}, server.Pause, server.Resume)
		trial("quick again", results.OK, 1, targets.Request{Key: "k"})
		target.Close(context.Background())
	}
}

func TestRedisNamesEveryProblem(t *testing.T) {
	at := func(a wire.RedisAddress) wire.RedisConfig {
		return wire.RedisConfig{Command: []string{"PING"}, RedisAddress: a}
	}
	empty, several := filepath.Join(t.TempDir(), "empty"), filepath.Join(t.TempDir(), "several")
	if err := errors.Join(os.WriteFile(empty, []byte("\n"), 0o600), os.WriteFile(several, []byte("a\nb\n"), 0o600)); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		wire.RedisConfig
		want []string
	}{
		{wire.RedisConfig{Connections: -1, Depth: -1, Engine: "x"}, []string{"command, script and script_file are all missing", "connections is -1", "depth is -1", `engine is "x"`}},
		{wire.RedisConfig{Command: []string{"GET {key}"}, Script: "return 1"}, []string{"command, script and script_file are not one"}},
		{wire.RedisConfig{Command: []string{"GET {key}"}, Args: []string{"1"}}, []string{"keys and args stand beside a command"}},
		{wire.RedisConfig{Command: []string{"GET '{key}"}, Depth: 4}, []string{"with a quote that is not closed", "depth is 4 beside no connections"}},
		{wire.RedisConfig{Command: []string{" "}}, []string{`command is " "; want words`}},
		{wire.RedisConfig{Command: []string{"SET", "{key}", "x{payload}"}}, []string{`word is "x{payload}"; want {payload} alone`}},
		{wire.RedisConfig{Command: []string{"SET {key} ${FCBENCH_TEST_NOBODY}"}}, []string{"FCBENCH_TEST_NOBODY"}},
		{wire.RedisConfig{Command: []string{"{key} 1"}}, []string{"command is {key}; want its name first"}},
		{wire.RedisConfig{Command: []string{"subscribe {key}"}}, []string{"command is SUBSCRIBE, which is not answered by one reply"}},
		{wire.RedisConfig{Command: []string{"MULTI"}}, []string{"command is MULTI, which is about the connection"}},
		{wire.RedisConfig{Command: []string{"shutdown", "nosave"}}, []string{"command is SHUTDOWN, which ends or upsets the server"}},
		{wire.RedisConfig{Command: []string{"SCRIPT FLUSH"}}, []string{"command is SCRIPT, which is about the scripts that the server knows, also those of others; want a script, or a command that is about keys"}},
		{wire.RedisConfig{Command: []string{"function", "delete", "{key}"}}, []string{"command is FUNCTION, which is about the scripts that the server knows"}},
		{at(wire.RedisAddress{DB: 1, Username: "u", Password: "p", PasswordFile: "f", TLS: &wire.TLSConfig{}}), []string{"db stands without address", "username stands without address", "password stands without address", "password_file stands without address", "tls stands without address; want address: host:port beside it"}},
		{at(wire.RedisAddress{Address: "h", Username: "u", TLS: &wire.TLSConfig{Cert: "c"}}), []string{`address is "h"; want host:port`, `username is "u" without a password`, "tls: cert is"}},
		{at(wire.RedisAddress{Address: "h:70000", Password: "${FCBENCH_TEST_NOBODY}"}), []string{`address is "h:70000"; want host:port`, "FCBENCH_TEST_NOBODY"}},
		{at(wire.RedisAddress{Address: "me:pst@h:1", DB: -1}), []string{`address is "…@h:1"; want host:port`, "db is -1; want 0 or more"}},
		{at(wire.RedisAddress{Address: "rediss://me:pst@h:1/2"}), []string{"address is a URL; want host:port or the path of a socket"}},
		{at(wire.RedisAddress{Address: "/s", Password: "p", PasswordFile: "f", TLS: &wire.TLSConfig{}}), []string{"password stands beside password_file", "tls stands beside address /s"}},
		{at(wire.RedisAddress{Address: "h:1", PasswordFile: "/nowhere"}), []string{"password_file: stat /nowhere"}},
		{at(wire.RedisAddress{Address: "h:1", PasswordFile: empty}), []string{"password_file " + empty + " has nothing in it; want one line"}},
		{at(wire.RedisAddress{Address: "h:1", PasswordFile: several}), []string{"password_file " + several + " has several lines; want one line"}},
		{wire.RedisConfig{ScriptFile: "/nowhere.lua"}, []string{"script_file: stat /nowhere.lua"}},
	} {
		_, err := wire.NewRedis(c.RedisConfig, "run:", nil)
		wantAll(t, err, c.want...)
		if strings.Contains(err.Error(), "pst") {
			t.Errorf("a password is told: %v", err)
		}
	}
}
