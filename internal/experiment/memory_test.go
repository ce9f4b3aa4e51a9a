package experiment

import (
	"fmt"
	"runtime"
	"testing"
	"time"

	"github.com/fcbench/fcbench/internal/oracle"
	"github.com/fcbench/fcbench/internal/rounds"
	"github.com/fcbench/fcbench/internal/units"
	"github.com/fcbench/fcbench/limiters"
	"github.com/fcbench/fcbench/results"
)

// TestBytesPerKey: of keys that all live limiter, oracle and key shares together take little for each.
// So many keys leave tables as empty as they get, as a million does; a quarter of them,
// which it is under the race detector, a little emptier.
func TestBytesPerKey(t *testing.T) {
	const all, most, mostOfFewer = 250_000, 160, 172
	keys, bound := rounds.Of(all), float64(most)
	if keys < all {
		bound = mostOfFewer
	}
	names := make([]string, keys)
	for i := range names {
		names[i] = fmt.Sprintf("key-%012d", i) // of sixteen bytes, which take as many
	}
	for _, algorithm := range []string{"gcra", "token-bucket"} {
		s := newStory(t, algorithm, limiters.Config{Rate: units.Rate{Count: 100, Per: time.Second}, Burst: 5})
		s.arrive(t, 0, 0, names[0]) // what there is for any number of keys is there now
		before := allocated()
		for id, name := range names {
			s.arrive(t, time.Duration(id)*10*time.Microsecond, uint32(id), name)
		}
		if perKey := float64(allocated()-before)/float64(keys) - 16; perKey > bound {
			t.Errorf("%s: %.1f bytes a key beyond those of its name; want at most %g", algorithm, perKey, bound)
		}
		if r := s.judge.Report(); r.Judged != int64(keys)+1 || r.FalseAdmits+r.FalseDenials != 0 {
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

func allocated() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}
