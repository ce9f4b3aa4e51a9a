package redisproc

import (
	"fmt"
	"testing"
	"time"

	"github.com/fcbench/fcbench/internal/redistest"
)

// TestUnanswered tells what a server makes of a command from its not answering it, whatever
// is wrapped around the error.
func TestUnanswered(t *testing.T) {
	for name, fault := range map[string]func(*Server) error{
		"paused":        (*Server).Pause,
		"killed":        (*Server).Kill,
		"read-only":     func(s *Server) error { return s.ReadOnly(t.Context(), true) },
		"out of memory": func(s *Server) error { return s.OutOfMemory(t.Context(), true) },
	} {
		s := private(t)
		t.Cleanup(func() { _ = s.Close() })
		c := client(t, s, ClientOptions{Timeout: 50 * time.Millisecond})
		set := func() error { return c.Set(t.Context(), "k", "v", 0).Err() }
		redistest.Wait(t, "an answer within the timeout", func() bool { return set() == nil }) // on a busy machine not the first
		if err := fault(s); err != nil {
			t.Fatal(err)
		}
		for range 2 { // the first on a connection that there was
			if err := set(); err == nil || !Unanswered(fmt.Errorf("limiter: key k: %w", err)) {
				t.Errorf("%s: %v is not taken for a server that does not answer", name, err)
			}
		}
	}
	s := private(t)
	t.Cleanup(func() { _ = s.Close() })
	c := client(t, s, ClientOptions{})
	for _, command := range [][]any{{"get", "nothing"}, {"lpop", "k", "x"}, {"evalsha", "abc", "0"}, {"eval", "return redis.error_reply('NO')", "0"}} {
		if err := c.Do(t.Context(), command...).Err(); err == nil || Unanswered(err) {
			t.Errorf("%v: %v is taken for a server that does not answer", command, err)
		}
	}
}

// TestDatabases of a server of fcbench's own do not know of each other.
func TestDatabases(t *testing.T) {
	s := private(t)
	t.Cleanup(func() { _ = s.Close() })
	for i := range databases + 1 {
		c := client(t, s, ClientOptions{Database: i})
		if had := c.DBSize(t.Context()).Val(); had != int64(i/databases) {
			t.Errorf("database %d has %d keys; want those of nobody else", i, had)
		}
		if err := c.Set(t.Context(), fmt.Sprint(i), "v", 0).Err(); err != nil {
			t.Fatal(err)
		}
	}
}
