package whatif

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/fcbench/fcbench/internal/seed"
)

// TestIntervals are as wide as theory has them where every arrival is rejected by chance,
// and wider where rejections come together.
func TestIntervals(t *testing.T) {
	const n, share = 20000, 0.1
	r := rand.New(rand.NewPCG(1, 2))
	var apart, together timeline
	inBurst := false
	for i := range n {
		at := time.Duration(i) * time.Millisecond
		apart.add(at, r.Float64() < share)
		if i%200 == 0 {
			inBurst = r.Float64() < share
		}
		together.add(at, inBurst)
	}
	width := func(tl *timeline) float64 {
		in := tl.interval(seed.New(1), 0.95)
		if _, share := tl.share(); in == nil || in[0] > share || in[1] < share {
			t.Fatalf("interval is %v of %g; want one that holds it", in, share)
		}
		return in[1] - in[0]
	}
	alone := 2 * 1.96 * math.Sqrt(share*(1-share)/n)
	if got := width(&apart) / alone; got < 0.75 || got > 1.3 {
		t.Errorf("of independent arrivals the interval is %.2f times as wide as theory has it", got)
	}
	if got := width(&together) / alone / math.Sqrt(200); got < 0.7 || got > 1.4 {
		t.Errorf("of bursts of 200 the interval is %.2f times as wide as theory has it", got)
	}
}

// TestNothingToTell: nothing was rejected, or all, or the time is short.
func TestNothingToTell(t *testing.T) {
	for name, c := range map[string]struct {
		n        int
		apart    time.Duration
		rejected func(i int) bool
	}{
		"none":    {100, time.Millisecond, func(int) bool { return false }},
		"all":     {100, time.Millisecond, func(int) bool { return true }},
		"short":   {telling - 1, time.Millisecond, func(i int) bool { return i%2 == 0 }},
		"few":     {4, time.Second, func(i int) bool { return i%2 == 0 }},
		"nothing": {0, 0, nil},
	} {
		var tl timeline
		for i := range c.n {
			tl.add(time.Duration(i)*c.apart, c.rejected(i))
		}
		if in := tl.interval(seed.New(1), 0.95); in != nil {
			t.Errorf("%s: %v; want none", name, *in)
		}
	}
}

// TestSlicesAreHalved, and nothing is lost.
func TestSlicesAreHalved(t *testing.T) {
	var tl timeline
	for i := range 5001 {
		tl.add(time.Duration(i)*time.Hour/1000, i%5 == 0)
	}
	var offered, rejected float64
	for _, s := range tl.slices {
		offered, rejected = offered+s.offered, rejected+s.rejected
	}
	if offered != 5001 || rejected != 1001 || len(tl.slices) > mostSlices || len(tl.slices) < mostSlices/2 {
		t.Errorf("%g, %g in %d slices; want 5001, 1001 in at most %d", offered, rejected, len(tl.slices), mostSlices)
	}
}
