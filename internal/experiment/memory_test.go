//go:build !race

package experiment

import (
	"fmt"
	"runtime"
	"testing"
	"time"

	"github.com/fcbench/fcbench/internal/oracle"
	"github.com/fcbench/fcbench/internal/units"
	"github.com/fcbench/fcbench/limiters"
	"github.com/fcbench/fcbench/results"
)

// TestBytesPerKey: of keys that all live limiter, oracle and key shares together take little for each.
// The number of keys leaves tables as empty as they get, as a million does. It takes
// thirty times as long under the race detector, and make test runs it without.
func TestBytesPerKey(t *testing.T) {
	const keys, most = 250_000, 160
	names := make([]string, keys)
	for i := range names {
		names[i] = fmt.Sprintf("key-%012d", i) // of sixteen bytes, which take as many
	}
	for _, algorithm := range []string{"gcra", "token-bucket"} {
		before := allocated()
		s := newStory(t, algorithm, limiters.Config{Rate: units.Rate{Count: 100, Per: time.Second}, Burst: 5})
		for id, name := range names {
			s.arrive(t, time.Duration(id)*10*time.Microsecond, uint32(id), name)
		}
		if perKey := float64(allocated()-before)/keys - 16; perKey > most {
			t.Errorf("%s: %.1f bytes a key beyond those of its name; want at most %d", algorithm, perKey, most)
		}
		if r := s.judge.Report(); r.Judged != keys || r.FalseAdmits+r.FalseDenials != 0 {
			t.Errorf("%s: %+v; want all of it right", algorithm, r)
		}
		runtime.KeepAlive(s)
	}
	runtime.KeepAlive(names)
}

// story is what is kept of the keys of a run.
type story struct {
	limiter limiters.Limiter
	judge   *oracle.Judge
	shard   *results.Shard
}

func newStory(t *testing.T, algorithm string, c limiters.Config) (s story) {
	t.Helper()
	var err error
	if algorithm == "gcra" {
		s.limiter, err = limiters.NewGCRA(c)
	} else {
		s.limiter, err = limiters.NewTokenBucket(c)
	}
	if err != nil {
		t.Fatal(err)
	}
	info := s.limiter.(limiters.Described).Info()
	if s.judge, err = oracle.NewJudge(oracle.Options{Algorithm: algorithm, Limit: oracle.Limit(info.Limit)}); err != nil {
		t.Fatal(err)
	}
	s.shard = results.NewShard(results.Options{Window: time.Minute})
	return s
}

func (s story) arrive(t *testing.T, at time.Duration, id uint32, key string) {
	s.shard.Offer(at, 0, id, 1)
	d, err := s.limiter.Allow(t.Context(), at, key, 1)
	if err != nil {
		t.Fatal(err)
	}
	s.judge.Observe(oracle.Observation{Key: key, N: 1, Called: at, Returned: at, At: d.At, Allowed: d.Allowed})
	sample := results.Sample{Intended: at, Released: at, Started: at, Done: at, Outcome: results.Rejected, KeyID: id, Cost: 1}
	if d.Allowed {
		sample.Outcome = results.OK
	}
	s.shard.Record(&sample)
}
