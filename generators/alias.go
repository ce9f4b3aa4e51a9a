package generators

import (
	"math"
	"math/bits"
)

// An alias table draws from any distribution over up to [MaxInterned] items
// with one random number and one look-up: every column holds a part of its own
// item and tops up to the common height with a part of one other (Walker 1977;
// built as in Vose, "A linear algorithm for generating random numbers with a
// given distribution", 1991).
type alias []column

type column struct {
	own   uint64 // share of the column's own item, in units of 2^-64
	other uint32 // the item that has the rest
}

// newAlias builds the table from weights of at least 0, not all 0.
func newAlias(weights []float64) alias {
	parts, height := integerWeights(weights)
	table := make(alias, len(parts))
	stack := make([]uint32, len(parts)) // columns too low from the left, the others from the right
	low, high := 0, len(parts)
	push := func(i uint32) {
		if parts[i] < height {
			stack[low] = i
			low++
		} else {
			high--
			stack[high] = i
		}
	}
	for i := range parts {
		push(uint32(i))
	}
	for low > 0 && high < len(parts) {
		low--
		short, tall := stack[low], stack[high]
		high++
		share, _ := bits.Div64(parts[short], 0, height)
		table[short] = column{share, tall}
		parts[tall] -= height - parts[short]
		push(tall)
	}
	for _, i := range stack[high:] {
		table[i] = column{math.MaxUint64, i}
	}
	return table
}

// integerWeights scales weights to whole numbers whose sum, about 2^62, is a
// multiple of their number, so that the table is exact from here on.
func integerWeights(weights []float64) (parts []uint64, height uint64) {
	var total float64
	for _, w := range weights {
		total += w
	}
	parts = make([]uint64, len(weights))
	var sum uint64
	largest := 0
	for i, w := range weights {
		parts[i] = uint64(float64(w / total * 0x1p62))
		sum += parts[i]
		if parts[i] > parts[largest] {
			largest = i
		}
	}
	n := uint64(len(weights))
	parts[largest] -= sum % n
	return parts, sum / n
}

// draw maps a random number to an item.
func (t alias) draw(u uint64) uint64 {
	i, fraction := bits.Mul64(u, uint64(len(t)))
	if fraction < t[i].own {
		return i
	}
	return uint64(t[i].other)
}
