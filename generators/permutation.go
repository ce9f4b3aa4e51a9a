package generators

import (
	"math"

	"github.com/fcbench/fcbench/internal/seed"
)

// A permutation is a seeded bijection of [0, n) in constant memory: a Feistel
// network over pairs (left, right) that number slightly more than n, walked
// along its cycle until it is back inside (Black and Rogaway, "Ciphers with
// arbitrary finite domains", 2002). Its round functions are the random stream.
type permutation struct{ n, lefts, rights, rounds uint64 }

// Halves of a few values take more rounds until all permutations are alike.
const (
	fewRounds  = 4
	manyRounds = 24
	smallSpace = 256
)

// newPermutation returns the permutations of [0, n); n is from 1 to 2^52. The lefts
// are even in number: with odd halves every round, and so the whole, would be an
// even permutation.
func newPermutation(n uint64) permutation {
	lefts := uint64(math.Sqrt(float64(n)))
	if lefts*lefts < n {
		lefts++
	}
	lefts += lefts % 2
	p := permutation{n, lefts, (n + lefts - 1) / lefts, fewRounds}
	if n < smallSpace {
		p.rounds = manyRounds
	}
	return p
}

// apply returns the image of i.
func (p permutation) apply(r seed.Stream, i uint64) uint64 {
	for {
		left, right := i/p.rights, i%p.rights
		for round := uint64(0); round < p.rounds; round += 2 {
			left = add(left, shift(r, round, right, p.lefts), p.lefts)
			right = add(right, shift(r, round+1, left, p.rights), p.rights)
		}
		if i = left*p.rights + right; i < p.n {
			return i
		}
	}
}

// invert returns what apply takes to i.
func (p permutation) invert(r seed.Stream, i uint64) uint64 {
	for {
		left, right := i/p.rights, i%p.rights
		for round := p.rounds; round > 0; round -= 2 {
			right = add(right, p.rights-shift(r, round-1, left, p.rights), p.rights)
			left = add(left, p.lefts-shift(r, round-2, right, p.lefts), p.lefts)
		}
		if i = left*p.rights + right; i < p.n {
			return i
		}
	}
}

// shift is the round function: how far one half moves, of n positions, given
// the other. It reads the stream where no arrival does.
func shift(r seed.Stream, round, half, n uint64) uint64 {
	return below(r.Uint64(1<<63|round<<56|half), n)
}

// add returns a + b modulo n, for a < n and b ≤ n.
func add(a, b, n uint64) uint64 {
	if a += b; a >= n {
		a -= n
	}
	return a
}
