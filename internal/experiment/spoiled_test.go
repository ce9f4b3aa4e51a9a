package experiment

import (
	"strings"
	"testing"

	"github.com/fcbench/fcbench/internal/redisproc/redisproctest"
	"github.com/fcbench/fcbench/results"
)

// TestEvictionsAreTheServersFault: a Redis that throws out keys makes limiters on
// it forget, and the run says so; one on purpose has its own table.
func TestEvictionsAreTheServersFault(t *testing.T) {
	redis := redisproctest.Start(t)
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
