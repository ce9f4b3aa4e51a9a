package events

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

// FuzzQueue compares with a list that is sorted anew each time.
func FuzzQueue(f *testing.F) {
	f.Add(uint64(1), 100)
	f.Add(uint64(2), 3)
	f.Fuzz(func(t *testing.T, seed uint64, spread int) {
		type entry struct {
			at   time.Duration
			what int
		}
		rng := rand.New(rand.NewPCG(seed, 0))
		var q Queue[int]
		var list []entry
		for what := range 300 {
			if rng.IntN(3) > 0 {
				at := time.Duration(rng.IntN(max(1, spread)))
				q.Push(at, what)
				list = append(list, entry{at, what})
				slices.SortStableFunc(list, func(a, b entry) int { return int(a.at - b.at) })
				continue
			}
			now := time.Duration(rng.IntN(max(1, spread)))
			got, at, ok := q.Due(now)
			if want := len(list) > 0 && list[0].at <= now; ok != want {
				t.Fatalf("something is due: %v; want %v", ok, want)
			}
			if ok {
				if want := list[0]; got != want.what || at != want.at {
					t.Fatalf("%d at %v is due; want %d at %v", got, at, want.what, want.at)
				}
				list = list[1:]
			}
			if next, ok := q.Next(); ok != (len(list) > 0) || ok && next != list[0].at || q.Len() != len(list) {
				t.Fatalf("the next of %d is at %v; want the first of %v", q.Len(), next, list)
			}
		}
	})
}

func TestQueueAllocatesNothing(t *testing.T) {
	var q Queue[int]
	cycle := func() {
		q.Push(1, 1)
		q.Due(1)
	}
	cycle()
	if n := testing.AllocsPerRun(1000, cycle); n != 0 {
		t.Errorf("an event allocates %v times; want 0", n)
	}
}
