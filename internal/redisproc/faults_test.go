package redisproc

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/fcbench/fcbench/internal/redistest"
	"github.com/redis/go-redis/v9"
)

const script = "return redis.call('incr', KEYS[1])"

// warm opens all connections of c, at once.
func warm(t *testing.T, c redis.UniversalClient, n int) {
	t.Helper()
	done := make(chan error)
	for range n {
		go func() { done <- c.Eval(t.Context(), "for i = 1, 20000 do end", nil).Err() }()
	}
	for range n {
		if err := <-done; err != nil && !errors.Is(err, redis.Nil) {
			t.Fatal(err)
		}
	}
}

func TestKillAndRestart(t *testing.T) {
	s := private(t)
	dir := filepath.Dir(s.Info().Addr)
	const connections = 4
	c := client(t, s, ClientOptions{Connections: connections})
	warm(t, c, connections)
	if err := c.Set(t.Context(), "k", "v", 0).Err(); err != nil {
		t.Fatal(err)
	}
	if err := s.Restart(t.Context()); err == nil || !strings.Contains(err.Error(), "is running") {
		t.Errorf("restart of a running server: %v; want it refused", err)
	}
	if err := s.Kill(); err != nil {
		t.Fatal(err)
	}
	if pids := s.PIDs(); len(pids) != 0 {
		t.Errorf("processes of a killed server are %v; want none", pids)
	}
	if err := s.Kill(); err == nil || !strings.Contains(err.Error(), "killed already") {
		t.Errorf("second kill: %v; want it refused", err)
	}
	if err := s.Pause(); err == nil || !strings.Contains(err.Error(), "want it running") {
		t.Errorf("pause of a killed server: %v; want it refused", err)
	}
	for range 3 * connections { // more failures than the pool has connections
		if err := c.Ping(t.Context()).Err(); err == nil || !strings.Contains(err.Error(), "redis.sock") {
			t.Errorf("ping of a killed server: %v; want the socket named", err)
		}
	}
	if err := s.Restart(t.Context()); err != nil {
		t.Fatal(err)
	}
	if text, err := c.Info(t.Context(), "server").Result(); err != nil || fmt.Sprint(s.PIDs()) != "["+fields(text)["process_id"]+"]" {
		t.Errorf("processes are %v, %v; want %s", s.PIDs(), err, fields(text)["process_id"])
	}
	for range 3 * connections {
		if err := c.Get(t.Context(), "k").Err(); !errors.Is(err, redis.Nil) {
			t.Errorf("after the restart: %v; want an answer at once, and nothing stored", err)
		}
	}
	if _, err := s.Stats(t.Context()); err != nil {
		t.Error(err)
	}
	if err := s.Kill(); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Errorf("close after kill: %v", err)
	}
	if _, err := os.Stat(dir); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("directory %s is still there after Close: %v", dir, err)
	}
	if err := s.Restart(t.Context()); err == nil {
		t.Error("a server starts again after Close")
	}
}

// TestIdleConnectionsThatBrokeAreNoErrors resets connections behind the back of
// a client, which must not notice.
func TestIdleConnectionsThatBrokeAreNoErrors(t *testing.T) {
	s := private(t)
	defer s.Close()
	const connections = 8
	c := client(t, s, ClientOptions{Connections: connections})
	warm(t, c, connections)
	if err := s.ResetConnections(t.Context()); err != nil {
		t.Fatal(err)
	}
	for i := range 2 * connections {
		if n, err := c.Incr(t.Context(), "n").Result(); err != nil || n != int64(i+1) {
			t.Errorf("INCR %d is %d, %v", i+1, n, err)
		}
	}
	if err := s.ResetConnections(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Pipelined(t.Context(), func(p redis.Pipeliner) error {
		p.Incr(t.Context(), "n")
		return p.Incr(t.Context(), "n").Err()
	}); err != nil {
		t.Errorf("pipeline: %v", err)
	}
	if n := c.Get(t.Context(), "n").Val(); n != "18" {
		t.Errorf("counted %s; want 18", n)
	}
}

func TestPause(t *testing.T) {
	s := private(t)
	c := client(t, s, ClientOptions{Connections: 2})
	if err := c.Ping(t.Context()).Err(); err != nil {
		t.Fatal(err)
	}
	if err := s.Pause(); err != nil {
		t.Fatal(err)
	}
	for range 5 {
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
		if err := c.Ping(ctx).Err(); !errors.Is(err, context.DeadlineExceeded) && !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("ping of a paused server: %v; want a timeout", err)
		}
		cancel()
	}
	if err := s.Resume(); err != nil {
		t.Fatal(err)
	}
	for range 5 {
		if err := c.Ping(t.Context()).Err(); err != nil {
			t.Errorf("after the pause: %v", err)
		}
	}
	dir := filepath.Dir(s.Info().Addr)
	if err := s.Pause(); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Errorf("close of a paused server: %v", err)
	}
	if _, err := os.Stat(dir); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("directory %s is still there after Close: %v", dir, err)
	}
}

func TestRefusalsAndForgetting(t *testing.T) {
	s := private(t)
	defer s.Close()
	c := client(t, s, ClientOptions{})
	sha := c.ScriptLoad(t.Context(), script).Val()
	run := func() error { return c.EvalSha(t.Context(), sha, []string{"n"}).Err() }
	works := func(when string) {
		t.Helper()
		if err := run(); err != nil {
			t.Errorf("%s: %v", when, err)
		}
	}
	works("before")
	for _, fault := range []struct {
		name string
		set  func(context.Context, bool) error
		want string
	}{{"read-only", s.ReadOnly, "READONLY"}, {"out of memory", s.OutOfMemory, "OOM"}} {
		if err := fault.set(t.Context(), true); err != nil {
			t.Fatal(err)
		}
		if err := run(); err == nil || !strings.Contains(err.Error(), fault.want) {
			t.Errorf("%s: %v; want %s", fault.name, err, fault.want)
		}
		if n, err := c.Get(t.Context(), "n").Int(); n == 0 || err != nil {
			t.Errorf("%s: counted %d, %v; want it kept", fault.name, n, err)
		}
		if err := fault.set(t.Context(), false); err != nil {
			t.Fatal(err)
		}
		works("after " + fault.name)
	}
	if err := s.FlushScripts(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := run(); err == nil || !strings.Contains(err.Error(), "NOSCRIPT") {
		t.Errorf("after forgetting: %v; want NOSCRIPT", err)
	}
}

// TestEvict fills a server and takes half of its memory away. What it throws
// away is seen from outside, and is no error of anybody.
func TestEvict(t *testing.T) {
	s := private(t)
	defer s.Close()
	c := client(t, s, ClientOptions{})
	before, err := s.Stats(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	const keys = 20_000
	fill := func(from, n int) {
		t.Helper()
		if _, err := c.Pipelined(t.Context(), func(p redis.Pipeliner) error {
			for i := range n {
				p.Set(t.Context(), fmt.Sprintf("fcbench:%d", from+i), "12345678901234567890", time.Hour)
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
	}
	fill(0, keys)
	if err := s.Evict(t.Context(), true); err != nil {
		t.Fatal(err)
	}
	left := func() int64 { return c.DBSize(t.Context()).Val() }
	if n := left(); n > keys*6/10 {
		t.Errorf("%d keys are left at once; want about half of %d", n, keys)
	}
	fill(keys, keys) // more than there is room for, and nothing is refused
	if n := left(); n < keys*3/10 || n > keys*7/10 {
		t.Errorf("%d keys are left; want about half of %d", n, keys)
	}
	after, err := s.Stats(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	change := after.Since(before)
	if change.Evicted != uint64(2*keys-left()) || change.Replaced != 0 || !strings.Contains(fmt.Sprint(change.Reasons()), "allkeys-lru") {
		t.Errorf("change is %+v, %q; want the keys that are gone evicted", change, change.Reasons())
	}
	if err := s.Evict(t.Context(), false); err != nil {
		t.Fatal(err)
	}
	had := left()
	fill(5*keys, keys)
	if n := left(); n != had+keys {
		t.Errorf("%d keys are left; want %d, as there is room again", n, had+keys)
	}
}

// TestStatsSeeARestart: what was stored is lost.
func TestStatsSeeARestart(t *testing.T) {
	s := private(t)
	defer s.Close()
	before, err := s.Stats(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(s.Kill(), s.Restart(t.Context())); err != nil {
		t.Fatal(err)
	}
	after, err := s.Stats(t.Context())
	if change := after.Since(before); err != nil || change.Replaced != 1 {
		t.Errorf("change is %+v, %v; want one server replaced", change, err)
	}
}

func TestSlow(t *testing.T) {
	s := private(t)
	defer s.Close()
	c := client(t, s, ClientOptions{})
	if err := c.Ping(t.Context()).Err(); err != nil {
		t.Fatal(err)
	}
	const delay = 20 * time.Millisecond
	if err := s.Slow(delay); err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	if err := c.Incr(t.Context(), "n").Err(); err != nil {
		t.Fatal(err)
	}
	if took := time.Since(began); took < delay {
		t.Errorf("a command took %v; want at least %v", took, delay)
	}
	redistest.Wait(t, "a command whose caller left before the answer came", func() bool {
		ctx, cancel := context.WithTimeout(t.Context(), delay/4)
		defer cancel()
		if err := c.Incr(ctx, "n").Err(); err == nil {
			t.Error("a command with less time than the delay is answered")
		}
		return c.Get(t.Context(), "n").Val() != "1" // else its time was over before it was sent
	})
	if err := s.Slow(-1); err == nil {
		t.Error("a delay below 0 is accepted")
	}
	if err := s.Slow(0); err != nil {
		t.Fatal(err)
	}
	if n, err := c.Get(t.Context(), "n").Int(); n != 2 || err != nil {
		t.Errorf("counted %d, %v; want 2, one by a command whose caller had left", n, err)
	}
}

func TestFaultsAreForPrivateServers(t *testing.T) {
	theirs := private(t)
	defer theirs.Close()
	s := start(t, theirs.Info().Addr)
	t.Setenv("PATH", t.TempDir())
	embedded := start(t, "")
	for name, fault := range map[string]func(*Server) error{
		"kill":        (*Server).Kill,
		"restart":     func(s *Server) error { return s.Restart(t.Context()) },
		"pause":       (*Server).Pause,
		"resume":      (*Server).Resume,
		"slow":        func(s *Server) error { return s.Slow(1) },
		"flush":       func(s *Server) error { return s.FlushScripts(t.Context()) },
		"reset":       func(s *Server) error { return s.ResetConnections(t.Context()) },
		"read-only":   func(s *Server) error { return s.ReadOnly(t.Context(), true) },
		"out of room": func(s *Server) error { return s.OutOfMemory(t.Context(), true) },
		"evict":       func(s *Server) error { return s.Evict(t.Context(), true) },
		"replicate":   func(s *Server) error { return s.Replicate(t.Context(), true) },
		"cut":         func(s *Server) error { return s.CutReplica(t.Context()) },
		"fail over":   func(s *Server) error { return s.FailOver(t.Context()) },
	} {
		if err := fault(s); err == nil || !strings.Contains(err.Error(), "named by the user; want a private server to ") {
			t.Errorf("%s of a named server: %v; want it refused", name, err)
		}
		if err := fault(embedded); err == nil || !strings.Contains(err.Error(), "embedded") {
			t.Errorf("%s of an embedded server: %v; want it refused", name, err)
		}
	}
	if err := client(t, theirs, ClientOptions{}).Set(t.Context(), "k", "v", 0).Err(); err != nil {
		t.Errorf("the user's server suffered: %v", err)
	}
}

func TestServerThatDiesByItselfIsNoticed(t *testing.T) {
	s := private(t)
	_ = s.control.ShutdownNoSave(t.Context()).Err() // the connection breaks, by design
	<-s.process.child.Ended()
	if err := s.Kill(); err == nil || !strings.Contains(err.Error(), "ended before it was stopped") {
		t.Errorf("kill: %v; want to hear that it had ended", err)
	}
	if err := s.Close(); err == nil || !strings.Contains(err.Error(), "ended before it was stopped") {
		t.Errorf("close: %v; want to hear that it had ended", err)
	}
}
