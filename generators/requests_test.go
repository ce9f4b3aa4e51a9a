package generators

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// recorded is one stream of a law and two of recordings of different lengths.
func recorded(t testing.TB) *Workload {
	t.Helper()
	return mustWorkload(t, 1,
		Stream{Name: "a", Process: constant(t, "10/s"), Keys: must(NewSequential(SequentialConfig{3}))(t)},
		Stream{Name: "log", Process: must(NewTrace(TraceConfig{File: traceFile(t, "2,y,5\n1,x\n3,z,2\n")}))(t)},
		Stream{
			Name: "log keyed", Process: must(NewTrace(TraceConfig{File: traceFile(t, "1,x,9\n1,x,8\n")}))(t),
			Keys: zipf(t, 1, 100),
		},
		Stream{Name: "no process", Prefix: "n", Cost: must(NewBetween(BetweenConfig[tally]{1, 99}))(t)})
}

// TestRequestShards deals the one sequence of a closed loop out: request k of
// shard i of n is its request k·n + i, whatever n has in common with the
// number of streams and the lengths of recordings.
func TestRequestShards(t *testing.T) {
	for name, w := range map[string]*Workload{
		"recorded": recorded(t), "mixed": mixed(t, 7), "one stream": mustWorkload(t, 1, Stream{Keys: zipf(t, 1, 1000)}),
	} {
		whole := arrivals(t, w.Requests(), 420)
		for _, n := range []int{1, 2, 3, 4, 7, 12, 60} {
			for i := range n {
				var want []Arrival
				for k := i; k < len(whole); k += n {
					want = append(want, whole[k])
				}
				if got := arrivals(t, w.RequestShard(i, n), len(want)); !slices.Equal(got, want) {
					t.Errorf("%s: shard %d of %d is %v…; want %v…", name, i, n, got[:2], want[:2])
				}
			}
		}
	}
}

func TestRequestShardRefuses(t *testing.T) {
	for _, bad := range [][2]int{{-1, 2}, {2, 2}, {0, 0}} {
		func() {
			defer func() {
				if got := fmt.Sprint(recover()); !strings.Contains(got, "want 0 to n-1") {
					t.Errorf("panic of shard %d of %d is %s", bad[0], bad[1], got)
				}
			}()
			mixed(t, 1).RequestShard(bad[0], bad[1])
		}()
	}
}

// TestRequestShardsAllocateNothing: a shard is as cheap a read as the whole.
func TestRequestShardsAllocateNothing(t *testing.T) {
	s := recorded(t).RequestShard(1, 3)
	s.Next(new(Arrival))
	var a Arrival
	if n := testing.AllocsPerRun(1000, func() {
		for range 4 {
			s.Next(&a)
		}
	}); n > 20 { // a recording that begins again opens its file
		t.Errorf("%v allocations in four requests", n)
	}
}
