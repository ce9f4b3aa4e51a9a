package oracle

import (
	"hash/maphash"
	"math/bits"
)

// index finds ledgers by their keys. They lie in chunks that never move, and the table has their
// numbers only, so that a key costs little beside its ledger. It is an
// open-addressing table, rebuilt when it is three quarters full.
type index struct {
	seed   maphash.Seed
	slots  []uint32 // a power of two of them: numbers, from 1 on
	live   int
	chunks [][]ledger
	used   int      // ledgers of the chunks that have been in use
	spare  []uint32 // those of them that nobody uses now
	found  uint32   // the number of the one that was looked up or added last
}

const (
	minSlots   = 8
	firstChunk = 8    // ledgers; each chunk is twice the one before,
	lastChunk  = 1024 // up to this
)

func newIndex() index { return index{seed: maphash.MakeSeed()} }

// find is the ledger of key, or nil.
func (x *index) find(key string) *ledger {
	if len(x.slots) == 0 {
		return nil
	}
	for i := maphash.String(x.seed, key); ; i++ {
		number := x.slots[i&uint64(len(x.slots)-1)]
		if number == 0 {
			return nil
		}
		if k := x.at(number); k.key == key {
			x.found = number
			return k
		}
	}
}

// full reports whether there is no room for one more.
func (x *index) full() bool { return 4*(x.live+1) > 3*len(x.slots) }

// add gives key, which is not there and for which there is room, a ledger.
func (x *index) add(key string) *ledger {
	var number uint32
	if last := len(x.spare) - 1; last >= 0 {
		number, x.spare = x.spare[last], x.spare[:last]
	} else {
		x.used++
		number = uint32(x.used)
		if c, _ := place(number); c == len(x.chunks) {
			x.chunks = append(x.chunks, make([]ledger, min(firstChunk<<min(c, 16), lastChunk)))
		}
	}
	x.live++
	x.found = number
	x.insert(key, number)
	return x.at(number)
}

func (x *index) insert(key string, number uint32) {
	i := maphash.String(x.seed, key)
	for x.slots[i&uint64(len(x.slots)-1)] != 0 {
		i++
	}
	x.slots[i&uint64(len(x.slots)-1)] = number
}

// rebuild leaves out the ledgers that gone reports true for, and makes room for more
// than are left.
func (x *index) rebuild(gone func(*ledger) bool) {
	x.slots = nil // before the new ones are made
	for number := uint32(1); number <= uint32(x.used); number++ {
		if k := x.at(number); k.now >= 0 && gone(k) {
			*k = ledger{now: none}
			x.spare = append(x.spare, number)
			x.live--
		}
	}
	x.slots = make([]uint32, max(minSlots, 1<<bits.Len(uint(2*x.live+1))))
	for k, number := range x.all {
		x.insert(k.key, number)
	}
}

// all yields every ledger, in no order that means anything.
func (x *index) all(yield func(*ledger, uint32) bool) {
	for number := uint32(1); number <= uint32(x.used); number++ {
		if k := x.at(number); k.now >= 0 && !yield(k, number) {
			return
		}
	}
}

// at is the ledger with a number.
func (x *index) at(number uint32) *ledger {
	chunk, offset := place(number)
	return &x.chunks[chunk][offset]
}

// place is where the ledger with a number lies.
func place(number uint32) (chunk, offset int) {
	const doubling = 8 // chunks, of which the last is the first of the largest
	i := int(number) - 1
	if c := bits.Len(uint(i)/firstChunk+1) - 1; c < doubling {
		return c, i - firstChunk*(1<<c-1)
	}
	i -= firstChunk * (1<<doubling - 1)
	return doubling + i/lastChunk, i % lastChunk
}
