package results

import (
	"math"
	"testing"
	"time"
)

// offerKeys counts, per key, tokens offered and admitted.
func offerKeys(pairs ...[2]int64) *keyCounts {
	k := new(keyCounts)
	for id, p := range pairs {
		k.offer(uint32(id), p[0])
		k.admit(uint32(id), p[1])
	}
	return k
}

func TestJain(t *testing.T) {
	flat := func(int64) float64 { return 10 }
	for _, tt := range []struct {
		name     string
		keys     *keyCounts
		entitled func(int64) float64
		want     float64
	}{
		{"all get all", offerKeys([2]int64{5, 5}, [2]int64{100, 100}), nil, 1},
		{"all get half", offerKeys([2]int64{10, 5}, [2]int64{100, 50}), nil, 1},
		{"one of four gets all", offerKeys([2]int64{8, 8}, [2]int64{8, 0}, [2]int64{8, 0}, [2]int64{8, 0}), nil, 0.25},
		{"x = 1, 1/2", offerKeys([2]int64{10, 10}, [2]int64{10, 5}), nil, 0.9},
		{"limit of 10 per key", offerKeys([2]int64{10, 10}, [2]int64{1000, 10}), flat, 1},
		{"never offered do not count", offerKeys([2]int64{7, 7}, [2]int64{0, 0}, [2]int64{9, 9}), nil, 1},
		{"nobody got anything", offerKeys([2]int64{7, 0}, [2]int64{9, 0}), nil, 1},
		{"entitled to nothing", offerKeys([2]int64{7, 7}), func(int64) float64 { return 0 }, 1},
	} {
		if got := tt.keys.jain(tt.entitled); math.Abs(got-tt.want) > 1e-12 {
			t.Errorf("%s: Jain's index is %v; want %v", tt.name, got, tt.want)
		}
	}
}

func TestTopShares(t *testing.T) {
	k := new(keyCounts)
	for id := range 200 {
		k.offer(uint32(id), 1)
	}
	k.offer(150, 99)
	for id := range k.tokens {
		offered, _ := k.of(id)
		k.admit(uint32(id), offered)
	}
	got := k.shares(nil)
	want := map[string]float64{"1": 100. / 299, "10": 109. / 299, "100": 199. / 299}
	same(t, got, &KeyShares{Distinct: 200, TopShare: want, Jain: 1})
}

func TestFewKeysHaveEverything(t *testing.T) {
	got := offerKeys([2]int64{1, 1}, [2]int64{3, 3}).shares(nil)
	same(t, got.TopShare, map[string]float64{"1": 0.75, "10": 1, "100": 1})
}

func TestUntrackedKeys(t *testing.T) {
	k := offerKeys([2]int64{1, 1})
	for _, id := range []uint32{math.MaxUint32, maxTracked} {
		k.offer(id, 1)
		k.admit(id, 1)
	}
	same(t, k.shares(nil), &KeyShares{Distinct: 1, Untracked: 2})
	k.offer(maxTracked-1, 1)
	if len(k.tokens) != maxTracked {
		t.Errorf("room for %d keys; want %d", len(k.tokens), maxTracked)
	}
}

// What is not known of some keys is said, and not made up from the others.
func TestUntrackedKeysAreWarnedOf(t *testing.T) {
	run := fill(t, Options{}, time.Second, []Sample{{Outcome: OK, KeyID: maxTracked, Cost: 1}, {Outcome: OK, Cost: 1}})
	if want := "keys: 1 of 2 arrivals on untracked keys"; len(run.Warnings) != 1 || run.Warnings[0] != want {
		t.Errorf("warnings are %q; want %q", run.Warnings, want)
	}
	for path, known := range map[string]bool{"keys.untracked": true, "keys.distinct": false, "keys.jain": false, "keys.top_share.1": false} {
		if v, _, err := Value(run, path); (err == nil) != known {
			t.Errorf("%s is %v, %v; want it known: %v", path, v, err, known)
		}
	}
	if tracked := fill(t, Options{}, time.Second, []Sample{{Outcome: OK}}); tracked.Warnings != nil {
		t.Errorf("warnings are %q; want none when all keys are tracked", tracked.Warnings)
	}
}

func TestOnlyAdmittedTokensCount(t *testing.T) {
	samples := []Sample{{Outcome: OK, Cost: 3}, {Outcome: Rejected, Cost: 3}, {Outcome: OK, Cost: 2, KeyID: 1}}
	run := fill(t, Options{Keys: 1}, time.Second, samples)
	if want := 0.9; math.Abs(run.Keys.Jain-want) > 1e-12 { // 1/2 and 1
		t.Errorf("Jain's index is %v; want %v", run.Keys.Jain, want)
	}
}

// TestLargeCountsOfKeys: tokens are small, and counted exactly however many there are.
func TestLargeCountsOfKeys(t *testing.T) {
	k, other := new(keyCounts), new(keyCounts)
	for _, part := range []*keyCounts{k, other} {
		for _, cost := range []int64{1, math.MaxUint32, 1 << 40, 5} {
			part.offer(3, cost)
			part.admit(3, cost)
		}
		part.admit(3, 1<<33)
		part.offer(4, 7)
	}
	k.add(other)
	const offered = 2 * (1 + math.MaxUint32 + 1<<40 + 5)
	if o, a := k.of(3); o != offered || a != offered+1<<34 {
		t.Errorf("offered %d, admitted %d; want %d and %d", o, a, int64(offered), int64(offered+1<<34))
	}
	if o, a := k.of(4); o != 14 || a != 0 {
		t.Errorf("offered %d, admitted %d; want 14 and 0", o, a)
	}
	if got, want := k.shares(nil).TopShare["1"], float64(offered)/(offered+14); got != want {
		t.Errorf("the busiest asked for %v of all; want %v", got, want)
	}
}
