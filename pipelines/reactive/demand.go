package reactive

import (
	"math"
	"sync/atomic"
)

// demand is what was requested and not sent yet. At Unbounded it stays there (§3.17).
type demand struct{ n atomic.Int64 }

func (d *demand) any() bool { return d.n.Load() > 0 }

func (d *demand) add(n int64) {
	for {
		old := d.n.Load()
		sum := old + n
		if sum < 0 {
			sum = math.MaxInt64
		}
		if d.n.CompareAndSwap(old, sum) {
			return
		}
	}
}

// take uses up one, which is there.
func (d *demand) take() {
	for {
		old := d.n.Load()
		if old == math.MaxInt64 || d.n.CompareAndSwap(old, old-1) {
			return
		}
	}
}

// turn lets one goroutine at a time work, while the others leave word that there is
// more to do: nobody waits, and what is called from within the work does not recur.
type turn struct{ n atomic.Int64 }

// enter reports whether it is the caller who now has to work.
func (t *turn) enter() bool { return t.n.Add(1) == 1 }

// work calls step until there was no word left during it.
func (t *turn) work(step func()) {
	for seen := int64(1); seen != 0; seen = t.n.Add(-seen) {
		step()
	}
}
