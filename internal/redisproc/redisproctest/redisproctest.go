// Package redisproctest gives tests a real Redis as fcbench starts it. Servers with
// settings of their own are in package redistest.
package redisproctest

import (
	"errors"
	"testing"

	"github.com/fcbench/fcbench/internal/redisproc"
	"github.com/fcbench/fcbench/internal/redistest"
	"github.com/redis/go-redis/v9"
)

// Start starts a redis-server that ends with the test, unless the test ends it
// before. Without one on PATH the test fails.
func Start(t testing.TB) *redisproc.Server {
	t.Helper()
	s, err := redisproc.Start(t.Context(), redisproc.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil && !errors.Is(err, redis.ErrClosed) {
			t.Error(err)
		}
	})
	if s.Simulated() {
		t.Fatal(redistest.Missing)
	}
	return s
}

// Connect returns a client of the server with so many connections, which is closed
// with the test.
func Connect(t testing.TB, s *redisproc.Server, connections int) redis.UniversalClient {
	t.Helper()
	c := s.Client(redisproc.ClientOptions{Connections: connections})
	t.Cleanup(func() { c.Close() })
	return c
}
