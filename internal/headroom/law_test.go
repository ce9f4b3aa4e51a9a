package headroom

import (
	"fmt"
	"math"
	"testing"

	"github.com/fcbench/fcbench/internal/seed"
)

// exact is what a law says of numbers of instances.
func exact(l Law, counts ...int) (all []Measured) {
	for _, n := range counts {
		all = append(all, Measured{Instances: n, Capacity: l.At(n)})
	}
	return all
}

// TestFitRecovers: from what a law says its parts come back, whatever their size, whether
// one instance was measured or not.
func TestFitRecovers(t *testing.T) {
	for _, law := range []Law{
		{1000, 0.05, 0.001}, {1, 0, 0}, {5480, 0.3, 0}, {1e6, 0, 0.02}, {0.25, 1e-4, 1e-7}, {1e9, 0.9, 0.5}, {3, 1.5, 0},
	} {
		for _, counts := range [][]int{{1, 2, 3, 4, 6, 8}, {1, 2, 4, 8, 16, 32, 64, 128}, {3, 5, 7, 9, 12, 10_000}, {2, 2, 4, 4, 8, 16, 24, 32}} {
			got := fit(exact(law, counts...), even(len(counts))).bound
			if math.Abs(got.One/law.One-1) > 1e-9 || math.Abs(got.Contention-law.Contention) > 1e-9 || math.Abs(got.Coherence-law.Coherence) > 1e-9 {
				t.Errorf("from %v at %v comes %v", law, counts, got)
			}
		}
	}
}

// TestFitIsBest: no law without negative parts is nearer to what was measured.
func TestFitIsBest(t *testing.T) {
	counts := []int{1, 2, 3, 4, 6, 8}
	bound := 0
	for k := range uint64(300) {
		s := seed.New(7).Index(k)
		all, weights := exact(Law{1000, 0.02, 0.0005}, counts...), even(len(counts))
		for i := range all {
			all[i].Capacity *= math.Exp(0.08 * gauss(s, uint64(i)))
			weights[i] = 1 + float64(i%3)
		}
		found := fit(all, weights)
		if got := leftBy(found.free, all, weights); found.free == found.bound && math.Abs(got-found.left) > 1e-9*(1+got) {
			t.Fatalf("%v leaves %v; told was %v", found.free, got, found.left)
		}
		best := found.bound
		left := leftBy(best, all, weights)
		if best.Contention == 0 || best.Coherence == 0 {
			bound++
		}
		for i := range uint64(40) {
			other := Law{
				best.One * math.Exp(0.02*gauss(s, 100+3*i)),
				max(0, best.Contention+0.01*gauss(s, 101+3*i)),
				max(0, best.Coherence+0.001*gauss(s, 102+3*i)),
			}
			if leftBy(other, all, weights) < left*(1-1e-12) {
				t.Fatalf("%v leaves less of %v than %v does", other, all, best)
			}
		}
	}
	if bound < 50 {
		t.Errorf("a part is 0 in %d of 300; want many, or bounds are not tried", bound)
	}
}

// leftBy is what a law leaves over.
func leftBy(l Law, all []Measured, weights []float64) (sum float64) {
	for i, m := range all {
		off := weights[i] * (m.Capacity/l.At(m.Instances) - 1)
		sum += off * off
	}
	return sum
}

func TestPeak(t *testing.T) {
	for _, tt := range []struct {
		law  Law
		want float64
	}{
		{Law{1, 0.1, 0.001}, 30},
		{Law{1, 0.1, 0}, math.Inf(1)},
		{Law{1, 0, 0}, math.Inf(1)},
		{Law{1, 1, 0.1}, 1},
		{Law{1, 2, 0}, 1},
		{Law{1, 0.5, 2}, 1},
	} {
		got := tt.law.Peak()
		if math.Abs(got-tt.want) > 1e-9 && got != tt.want {
			t.Errorf("%v has its peak at %v; want %v", tt.law, got, tt.want)
		}
		if most := int(min(got, 1e6)); got < 1e6 && tt.law.At(most) < tt.law.At(most+2)*(1-1e-12) {
			t.Errorf("%v takes more beyond %d", tt.law, most)
		}
	}
}

// TestBandCovers: bands of 95 % have what is true in them about so often, at every number
// of instances up to the last that is told, whether deviations are known or have to be
// estimated, and also where a part of the law is 0.
func TestBandCovers(t *testing.T) {
	const searches = 250
	for _, truth := range []Law{{1000, 0.05, 0.001}, {1000, 0, 0}} {
		for _, known := range []bool{true, false} {
			t.Run(fmt.Sprintf("%v/%v", truth, known), func(t *testing.T) {
				at := []int{1, 4, 8, 16}
				covered, refused := make([]int, len(at)), 0
				for k := range uint64(searches) {
					c := noisy(t, truth, known, k)
					if c.Law == nil {
						refused++
						continue
					}
					for i, n := range at {
						if b := c.Band(n); b.Low <= truth.At(n) && truth.At(n) <= b.High {
							covered[i]++
						}
					}
				}
				if share := float64(refused) / searches; share > 0.03 {
					t.Errorf("%.1f %% are refused as superlinear; want 1 %% or so at most", 100*share)
				}
				all := 0.0
				for i, n := range at {
					share := float64(covered[i]) / float64(searches-refused)
					t.Logf("%d instances: %.1f %%", n, 100*share)
					if all += share / float64(len(at)); share < 0.89 || share > 0.995 {
						t.Errorf("%.1f %% of bands have what %d instances take; want 95 %% or so", 100*share, n)
					}
				}
				if all < 0.925 || all > 0.98 {
					t.Errorf("%.1f %% of all bands have what is true; want 95 %% or so", 100*all)
				}
			})
		}
	}
}

// noisy is a curve of measurements that are off by 2 %.
func noisy(t *testing.T, truth Law, known bool, k uint64) *Curve {
	t.Helper()
	const sd = 0.02
	all := exact(truth, 1, 2, 3, 4, 5, 6, 7, 8)
	s := seed.New(11).Index(k)
	for i := range all {
		m := &all[i]
		m.Capacity *= math.Exp(sd * gauss(s, uint64(i)))
		if known {
			m.Low, m.High = m.Capacity*math.Exp(-1.96*sd), m.Capacity*math.Exp(1.96*sd)
		}
	}
	c, err := newCurve(all, 0.95, 1, 200)
	if err != nil {
		t.Fatal(err)
	}
	return c
}
