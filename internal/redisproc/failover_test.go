package redisproc

import (
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/redis/go-redis/v9"
)

// TestFailOver: the replica has what was written before it was cut off, and
// nothing else, at the same address, and any number of times.
func TestFailOver(t *testing.T) {
	s := private(t)
	const connections = 4
	c := client(t, s, ClientOptions{Connections: connections})
	warm(t, c, connections)
	set := func(key string) {
		t.Helper()
		if err := c.Set(t.Context(), key, "v", 0).Err(); err != nil {
			t.Fatal(err)
		}
	}
	there := func(key string) bool { return c.Get(t.Context(), key).Err() == nil }
	for turn := range 2 {
		before, err := s.Stats(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		key := func(when string) string { return fmt.Sprint(when, turn) }
		set(key("first"))
		if err := s.Replicate(t.Context(), true); err != nil {
			t.Fatal(err)
		}
		if pids := s.PIDs(); len(pids) != 2 {
			t.Errorf("processes are %v; want two, with the replica", pids)
		}
		if err := s.Replicate(t.Context(), true); err == nil || !strings.Contains(err.Error(), "has a replica") {
			t.Errorf("a second replica: %v; want it refused", err)
		}
		for i := range 100 {
			set(key(fmt.Sprint("kept", i, ":")))
		}
		if err := s.CutReplica(t.Context()); err != nil {
			t.Fatal(err)
		}
		set(key("lost"))
		if err := s.FailOver(t.Context()); err != nil {
			t.Fatal(err)
		}
		warm(t, c, connections) // nothing had been sent on connections that are gone
		if !there(key("first")) || !there(key("kept99:")) || there(key("lost")) {
			t.Errorf("after failover %d: first %v, kept %v, lost %v; want what was written before the cut alone",
				turn+1, there(key("first")), there(key("kept99:")), there(key("lost")))
		}
		after, err := s.Stats(t.Context())
		if change := after.Since(before); err != nil || change.Replaced != 1 {
			t.Errorf("change is %+v, %v; want one server replaced", change, err)
		}
		if text, err := c.Info(t.Context(), "server").Result(); err != nil || fmt.Sprint(s.PIDs()) != "["+fields(text)["process_id"]+"]" {
			t.Errorf("processes are %v, %v; want %s", s.PIDs(), err, fields(text)["process_id"])
		}
	}
	if err := errors.Join(s.Kill(), s.Restart(t.Context())); err != nil {
		t.Fatal(err)
	}
	if err := c.Get(t.Context(), "first0").Err(); !errors.Is(err, redis.Nil) {
		t.Errorf("after a restart: %v; want nothing stored, also of what was replicated", err)
	}
	if err := s.Close(); err != nil {
		t.Errorf("close: %v", err)
	}
}

// TestReplicaEndsWithItsServer, whatever became of it, and nothing is left.
func TestReplicaEndsWithItsServer(t *testing.T) {
	for name, do := range map[string]func(s *Server) error{
		"in sync": func(*Server) error { return nil },
		"cut off": func(s *Server) error { return s.CutReplica(t.Context()) },
		"ended": func(s *Server) error {
			return errors.Join(s.Replicate(t.Context(), false), s.Replicate(t.Context(), false))
		},
		"paused": (*Server).Pause,
		"killed": (*Server).Kill,
	} {
		s := private(t)
		dir := filepath.Dir(s.Info().Addr)
		if err := s.Replicate(t.Context(), true); err != nil {
			t.Fatal(err)
		}
		second := s.process.replica.child
		if err := do(s); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if err := s.Close(); err != nil {
			t.Errorf("%s: close: %v", name, err)
		}
		if !second.Gone() {
			t.Errorf("%s: the replica runs on after Close", name)
		}
		if _, err := os.Stat(dir); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("%s: directory %s is still there after Close: %v", name, dir, err)
		}
	}
}

func TestFailOverNeedsAReplica(t *testing.T) {
	s := private(t)
	defer s.Close()
	for name, err := range map[string]error{"cut": s.CutReplica(t.Context()), "failover": s.FailOver(t.Context())} {
		if err == nil || !strings.Contains(err.Error(), "has no replica; want one") {
			t.Errorf("%s without a replica: %v; want it refused", name, err)
		}
	}
	if err := s.Kill(); err != nil {
		t.Fatal(err)
	}
	if err := s.Replicate(t.Context(), true); err == nil || !strings.Contains(err.Error(), "is killed; want it running") {
		t.Errorf("a replica of a killed server: %v; want it refused", err)
	}
}

// TestLinkIsForWhoKnowsTheSecret: the server is its owner's alone, also where a
// replica gets at it by a port.
func TestLinkIsForWhoKnowsTheSecret(t *testing.T) {
	l, err := newLink(func() (net.Conn, error) { return nil, errors.New("somebody got in") })
	if err != nil {
		t.Fatal(err)
	}
	defer l.cut()
	for _, says := range []string{"*1\r\n$8\r\nFLUSHALL\r\n", "*1\r\n$4\r\nPING\r\n" + strings.Repeat("*", 60)} {
		conn, err := net.Dial("tcp", l.address())
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(conn, says); err != nil {
			t.Fatal(err)
		}
		if heard, _ := io.ReadAll(conn); strings.TrimPrefix(string(heard), "+PONG\r\n") != "" {
			t.Errorf("%q is answered with %q; want the connection closed", says, heard)
		}
		conn.Close()
	}
}
