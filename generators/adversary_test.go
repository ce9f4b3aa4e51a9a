package generators

import (
	"math"
	"slices"
	"testing"
	"time"

	"github.com/fcbench/fcbench/internal/units"
)

const ms = time.Millisecond

func gapsOf(t testing.TB, text string, size tally) Process {
	t.Helper()
	var g Gaps
	if err := g.UnmarshalText([]byte(text)); err != nil {
		t.Fatal(err)
	}
	return must(NewGaps(GapsConfig{Gaps: g, Size: size}))(t)
}

func TestGaps(t *testing.T) {
	for _, c := range []struct {
		gaps string
		size tally
		want []time.Duration
	}{
		{"499ms, 1ms", 1, []time.Duration{0, 499 * ms, 500 * ms, 999 * ms, 1000 * ms, 1499 * ms}},
		{"999ms,11ms", 2, []time.Duration{0, 0, 999 * ms, 999 * ms, 1010 * ms, 1010 * ms}},
		{"1s", 4, []time.Duration{0, 0, 0, 0, time.Second, time.Second}},
	} {
		if got := dueTimes(gapsOf(t, c.gaps, c.size), time.Hour, len(c.want)); !slices.Equal(got, c.want) {
			t.Errorf("gaps %s: due at %v; want %v", c.gaps, got, c.want)
		}
	}
}

func TestGapsStart(t *testing.T) {
	p := must(NewGaps(GapsConfig{Gaps: Gaps{units.Duration(ms), units.Duration(1999 * ms)}, Size: 1, Start: units.Duration(1999 * ms)}))(t)
	want := []time.Duration{1999 * ms, 2000 * ms, 3999 * ms, 4000 * ms}
	if got := dueTimes(p, 5*time.Second, 100); !slices.Equal(got, want) {
		t.Errorf("due at %v; want %v", got, want)
	}
}

// TestGapsEnd: a burst at the horizon is no longer due, and the end of time is
// no trap.
func TestGapsEnd(t *testing.T) {
	if got := dueTimes(gapsOf(t, "10ms", 3), 20*ms, 100); len(got) != 6 {
		t.Errorf("in 20ms %d arrivals are due; want 2 bursts of 3", len(got))
	}
	if got := dueTimes(gapsOf(t, "36500d", 1), math.MaxInt64, 100); len(got) != 3 {
		t.Errorf("in 292 years %v are due; want one each 100 years", got)
	}
}

func TestHotFlip(t *testing.T) {
	const n, every = 1000, 500
	law := must(NewHotFlip(HotFlipConfig{N: n, HotShare: 0.9, Every: every}))(t)
	hot := map[uint64]bool{}
	for flip := range uint64(20) {
		counts := map[uint64]int{}
		for k := flip * every; k < (flip+1)*every; k++ {
			i := law.Pick(stream0(), k)
			if i >= n {
				t.Fatalf("arrival %d picks key %d; want 0 to %d", k, i, n-1)
			}
			counts[i]++
		}
		for key, count := range counts {
			switch {
			case count > 400:
				hot[key] = true
				if share := float64(count) / every; math.Abs(share-0.9) > 0.06 {
					t.Errorf("flip %d: the hot key has %v of the arrivals; want about 0.9", flip, share)
				}
			case count > 5:
				t.Errorf("flip %d: key %d has %d arrivals; want one hot key", flip, key, count)
			}
		}
	}
	if len(hot) < 18 {
		t.Errorf("20 flips had %d hot keys; want nearly as many", len(hot))
	}
}

func TestAdversariesRefuse(t *testing.T) {
	for _, tt := range []struct {
		err  error
		want string
	}{
		{second(NewGaps(GapsConfig{})), "gaps is not given; want distances, such as 999ms,1ms\nsize is 0; want 1 to 1048576"},
		{second(NewGaps(GapsConfig{Gaps: Gaps{0}, Size: 1, Start: -1})), "gap is 0s; want more than 0 and at most 100 years\nstart is -1ns; want 0s to 100 years"},
		{second(NewHotFlip(HotFlipConfig{0, -1, 0})), "n is 0; want 1 to 2^40 keys\nhot_share is -1; want 0 to 1\nevery is 0; want at least 1 arrival"},
	} {
		if tt.err == nil || tt.err.Error() != tt.want {
			t.Errorf("error is %v; want %s", tt.err, tt.want)
		}
	}
}

func FuzzGaps(f *testing.F) {
	f.Add("999ms,1ms", int64(3))
	f.Add("1ns", int64(1))
	f.Add(",", int64(0))
	f.Fuzz(func(t *testing.T, text string, size int64) {
		var g Gaps
		if g.UnmarshalText([]byte(text)) != nil {
			return
		}
		again, _ := g.MarshalText()
		var same Gaps
		if err := same.UnmarshalText(again); err != nil || !slices.Equal(g, same) {
			t.Fatalf("%q reads as %v, written as %s: %v", text, g, again, err)
		}
		p, err := NewGaps(GapsConfig{Gaps: g, Size: units.Count(size)})
		if err != nil {
			return
		}
		last := time.Duration(0)
		for _, at := range dueTimes(p, time.Hour, 100) {
			if at < last || at >= time.Hour {
				t.Fatalf("due at %v after %v, before %v", at, last, time.Hour)
			}
			last = at
		}
	})
}
