package limiters

import (
	"errors"
	"fmt"
)

// What is wrong with a release, in words that are the same each time, so that
// they can be counted.
var (
	errNotHeld = errors.New("permit is not held")
	errPartly  = errors.New("tokens given back are not all that the permit holds")
)

// slotBits is how many bits of a permit are the number of a slot.
const slotBits = 32

// held is what one key holds: a slot for each grant. There are never more of
// them than there were grants held at once.
type held struct {
	used   int64  // tokens, the sum over the slots in use
	latest uint64 // permit
	slots  []slot
	free   int64 // the slot given back last, from 1 on; 0 when all are in use
}

// slot is a grant, or, when its permit is 0, a link of the chain of free slots.
type slot struct {
	permit uint64
	n      int64 // tokens, or the next free slot as in held
}

// take holds n tokens under the latest permit, a new one.
func (h *held) take(n int64) {
	if h.free == 0 {
		h.slots = append(h.slots, slot{})
		h.free = int64(len(h.slots))
	}
	i := h.free
	s := &h.slots[i-1]
	h.free = s.n
	h.latest = (h.latest>>slotBits+1)<<slotBits | uint64(i)
	h.used += n
	*s = slot{h.latest, n}
}

// giveBack frees the slot of permit, if that holds n tokens.
func (h *held) giveBack(n int64, permit uint64) error {
	i := permit & (1<<slotBits - 1)
	if i == 0 || i > uint64(len(h.slots)) || h.slots[i-1].permit != permit {
		return fmt.Errorf("release under permit %d: %w", permit, errNotHeld)
	}
	s := &h.slots[i-1]
	if s.n != n {
		return fmt.Errorf("release of %d of the %d tokens under permit %d: %w", n, s.n, permit, errPartly)
	}
	h.used -= n
	*s = slot{0, h.free}
	h.free = int64(i)
	return nil
}
