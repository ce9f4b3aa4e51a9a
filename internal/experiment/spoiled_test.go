package experiment

import (
	"strings"
	"testing"

	"github.com/fcbench/fcbench/internal/redisproc"
	"github.com/fcbench/fcbench/results"
)

// TestEvictionsAreTheServersFault: a Redis that throws out keys makes limiters on
// it forget, and the run says so; one on purpose has its own table.
func TestEvictionsAreTheServersFault(t *testing.T) {
	redis := aRedis(t)
	said := func() string {
		p := planOf(t, "name: full\nworkload: {arrivals: 'constant:20k/s', keys: 'uniform:20000'}\nsubjects: [{limiter: {kind: redis-gcra, rate: 1/m}}]\nduration: 1s\n")
		p.server, p.Time = redis, results.Virtual
		run := collect(t, p)["redis-gcra"]
		return strings.Join(run.Validity.Reasons, "; ")
	}
	if text := said(); strings.Contains(text, "evicted") {
		t.Errorf("a Redis with room: %s", text)
	}
	if err := redis.Evict(t.Context(), true); err != nil {
		t.Fatal(err)
	}
	if text := said(); !strings.Contains(text, "redis evicted") || !strings.Contains(text, "the server's fault") {
		t.Errorf("a Redis that evicts: %q; want it said, and whose fault it is", text)
	}
}

// aRedis is a server of the test's own.
func aRedis(t *testing.T) *redisproc.Server {
	t.Helper()
	redis, err := redisproc.Start(t.Context(), redisproc.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := redis.Close(); err != nil {
			t.Error(err)
		}
	})
	if redis.Simulated() {
		t.Fatal("there is no redis-server; install it (make deps)")
	}
	return redis
}
