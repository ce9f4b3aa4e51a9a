package whatif

import (
	"math"
	"math/bits"
	"slices"
	"time"

	"github.com/fcbench/fcbench/internal/seed"
)

// timeline is how much was offered and rejected in slices of time of equal length,
// which doubles when there are too many.
type timeline struct {
	width  time.Duration // 0 while there are none
	slices []slice
}

type slice struct{ offered, rejected float64 }

const (
	mostSlices = 512
	firstSlice = time.Millisecond
	telling    = 32 // slices, and arrivals, that say what others would be like
)

func (t *timeline) add(at time.Duration, rejected bool) {
	if t.width == 0 {
		t.width = firstSlice
	}
	for at/t.width >= mostSlices {
		t.halve()
	}
	i := int(at / t.width)
	for len(t.slices) <= i {
		t.slices = append(t.slices, slice{})
	}
	t.slices[i].offered++
	if rejected {
		t.slices[i].rejected++
	}
}

// halve makes one slice of every two.
func (t *timeline) halve() {
	t.width *= 2
	n := (len(t.slices) + 1) / 2
	for i := range n {
		sum := t.slices[2*i]
		if 2*i+1 < len(t.slices) {
			sum.offered += t.slices[2*i+1].offered
			sum.rejected += t.slices[2*i+1].rejected
		}
		t.slices[i] = sum
	}
	t.slices = t.slices[:n]
}

// resamples is how often a share is drawn again.
const resamples = 2000

// interval is what the share rejected may be of other arrivals of this kind, by a
// bootstrap of blocks: what is near in time belongs together, since what was denied
// depends on what was asked for before, and the blocks go round the end. nil where
// there is nothing to tell.
func (t *timeline) interval(random seed.Stream, confidence float64) *[2]float64 {
	offered, share := t.share()
	if len(t.slices) < telling || offered < telling || share == 0 || share == 1 {
		return nil
	}
	n, block := len(t.slices), t.block(share)
	shares, drawn := make([]float64, resamples), uint64(0)
	for i := range shares {
		var offered, rejected float64
		for taken := 0; taken < n; taken += block {
			from, _ := bits.Mul64(random.Uint64(drawn), uint64(n))
			drawn++
			for k := range min(block, n-taken) {
				s := t.slices[(int(from)+k)%n]
				offered, rejected = offered+s.offered, rejected+s.rejected
			}
		}
		shares[i] = rejected / max(offered, 1)
	}
	slices.Sort(shares)
	rank := func(p float64) float64 { return shares[min(int(p*resamples), resamples-1)] }
	return &[2]float64{rank((1 - confidence) / 2), rank((1 + confidence) / 2)}
}

// share is how much was offered, and which part of it rejected.
func (t *timeline) share() (offered, share float64) {
	var rejected float64
	for _, s := range t.slices {
		offered, rejected = offered+s.offered, rejected+s.rejected
	}
	return offered, rejected / max(offered, 1)
}

// block is how many slices belong together: twice as many as it takes until what more
// was rejected than on average says nothing of that in later ones, and the root of
// their number at least.
func (t *timeline) block(share float64) int {
	n := len(t.slices)
	excess := make([]float64, n)
	var square float64
	for i, s := range t.slices {
		excess[i] = s.rejected - share*s.offered
		square += excess[i] * excess[i]
	}
	reach := 1
	for ; reach < n/16; reach++ {
		var product float64
		for i := range n - reach {
			product += excess[i] * excess[i+reach]
		}
		if product/square < 2/math.Sqrt(float64(n)) {
			break
		}
	}
	return min(max(2*reach, int(math.Sqrt(float64(n)))), n/8)
}
