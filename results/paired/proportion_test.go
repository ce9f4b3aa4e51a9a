package paired_test

import (
	"math"
	"testing"

	"github.com/fcbench/fcbench/results/paired"
)

// TestProportions: bounds as tables of Clopper and Pearson have them.
func TestProportions(t *testing.T) {
	for _, c := range []struct {
		k, n        int
		least, most float64
	}{
		{0, 20, 0, 0.1391},
		{1, 20, 0.0026, 0.2161},
		{19, 20, 0.7839, 0.9974},
		{20, 20, 0.8609, 1},
		{10, 20, 0.3020, 0.6980},
		{0, 59, 0, 0.0495},
		{0, 300, 0, 0.0099},
		{3, 5000, 0.0002, 0.0016},
		{0, 0, 0, 1},
	} {
		least, most := paired.AtLeast(c.k, c.n, 0.05), paired.AtMost(c.k, c.n, 0.05)
		if math.Abs(least-c.least) > 6e-5 || math.Abs(most-c.most) > 6e-5 {
			t.Errorf("%d of %d: %.4f to %.4f; want %.4f to %.4f", c.k, c.n, least, most, c.least, c.most)
		}
	}
}
