package conformance

import (
	"cmp"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/fcbench/fcbench/limiters"
)

// TestShrink has a play break on what is known, in the midst of much else.
func TestShrink(t *testing.T) {
	s, err := newSubject(bucketsOf(limiters.NewTokenBucket), limiters.Limit{Rate: 10, Period: time.Second, Burst: 5})
	if err != nil {
		t.Fatal(err)
	}
	// Two requests of at least 3 tokens for one key, the second within a second
	// of the first, and at 2 s or later.
	play := func(_ *subject, requests []request) *breach {
		for i, a := range requests {
			for _, b := range requests[i+1:] {
				if a.n >= 3 && b.n >= 3 && a.key == b.key && b.now-a.now < time.Second && b.now >= 2*time.Second {
					return &breach{message: "found"}
				}
			}
		}
		return nil
	}
	for seed := range uint64(5) {
		requests := several(s, rand.New(rand.NewPCG(seed, 3)))
		for len(requests) < 300 {
			requests = append(requests, several(s, rand.New(rand.NewPCG(seed, uint64(len(requests)))))...)
		}
		slices.SortStableFunc(requests, func(a, b request) int { return cmp.Compare(a.now, b.now) })
		b := play(s, requests)
		if b == nil {
			t.Fatalf("seed %d: the schedule does not break the rule", seed)
		}
		sh := &shrinker{s: s, ctx: t.Context(), play: play, requests: requests, breach: b, patience: 1_000_000}
		sh.run()
		want := []request{{2 * time.Second, "key", 3}, {2 * time.Second, "key", 3}}
		if !reflect.DeepEqual(sh.requests, want) {
			t.Errorf("seed %d: %d requests became %v; want %v", seed, len(requests), sh.requests, want)
		}
	}
}
