package results

import (
	"cmp"
	"fmt"
	"slices"
)

// maxTracked bounds the memory of per-key counts, whatever the ids are.
// Ids from it on, such as that of a key without a number, are counted as untracked.
const maxTracked = 1 << 22

// tops are the groups of busiest keys whose share is told.
var tops = [...]struct {
	name string
	n    int
}{{"1", 1}, {"10", 10}, {"100", 100}}

// keyCounts holds tokens per key, by key id.
type keyCounts struct {
	tokens    []keyTokens          // the low halves
	high      map[uint32]keyTokens // the high halves, of the few that have one
	untracked uint64               // arrivals
	good      []uint64             // tokens granted in time, where that is counted
}

// keyTokens are small because there may be millions of them.
type keyTokens struct{ offered, admitted uint32 }

// offer counts cost tokens asked for by the key id.
func (k *keyCounts) offer(id uint32, cost int64) {
	if int(id) >= len(k.tokens) {
		if id >= maxTracked {
			k.untracked++
			return
		}
		k.grow(int(id) + 1)
	}
	k.count(id, cost, 0)
}

// admit counts cost tokens granted to the key id, which was offered before: here,
// or where the loop counted then.
func (k *keyCounts) admit(id uint32, cost int64) {
	if int(id) >= len(k.tokens) {
		if id >= maxTracked {
			return
		}
		k.grow(int(id) + 1)
	}
	k.count(id, 0, cost)
}

// withdraw forgets that cost tokens were offered to the key id.
func (k *keyCounts) withdraw(id uint32, cost int64) {
	if id >= maxTracked {
		k.untracked--
		return
	}
	t := &k.tokens[id]
	if uint64(t.offered) < uint64(cost) {
		h := k.high[id]
		borrow := (uint64(cost) - uint64(t.offered) + 1<<32 - 1) >> 32
		k.high[id] = keyTokens{h.offered - uint32(borrow), h.admitted}
	}
	t.offered -= uint32(cost)
}

// admitInTime counts cost tokens granted in time to the key id.
func (k *keyCounts) admitInTime(id uint32, cost int64) {
	if id >= maxTracked {
		return
	}
	if int(id) >= len(k.good) {
		k.good = append(k.good, make([]uint64, max(int(id)+1, len(k.tokens))-len(k.good))...)
	}
	k.good[id] += uint64(cost)
}

func (k *keyCounts) count(id uint32, offered, admitted int64) {
	t := &k.tokens[id]
	o, a := uint64(offered)+uint64(t.offered), uint64(admitted)+uint64(t.admitted)
	t.offered, t.admitted = uint32(o), uint32(a)
	if o|a < 1<<32 {
		return
	}
	if k.high == nil {
		k.high = make(map[uint32]keyTokens)
	}
	h := k.high[id]
	k.high[id] = keyTokens{h.offered + uint32(o>>32), h.admitted + uint32(a>>32)}
}

// of returns what the key id was offered and granted.
func (k *keyCounts) of(id int) (offered, admitted int64) {
	t, h := k.tokens[id], keyTokens{}
	if len(k.high) > 0 {
		h = k.high[uint32(id)]
	}
	return int64(h.offered)<<32 | int64(t.offered), int64(h.admitted)<<32 | int64(t.admitted)
}

// grow makes room for n keys, doubling, so that growth stays rare.
func (k *keyCounts) grow(n int) {
	if n <= len(k.tokens) {
		return
	}
	n = min(max(n, 2*len(k.tokens)), maxTracked)
	k.tokens = append(k.tokens, make([]keyTokens, n-len(k.tokens))...)
}

func (k *keyCounts) add(other *keyCounts) {
	k.grow(len(other.tokens))
	for id := range other.tokens {
		offered, admitted := other.of(id)
		k.count(uint32(id), offered, admitted)
	}
	k.untracked += other.untracked
	for id, cost := range other.good {
		k.admitInTime(uint32(id), int64(cost))
	}
}

// shares summarises the keys that were offered; nil when there are none.
func (k *keyCounts) shares(entitled func(int64) float64) *KeyShares {
	distinct, top := k.topShares()
	if distinct == 0 && k.untracked == 0 {
		return nil
	}
	shares := &KeyShares{Distinct: distinct, Untracked: k.untracked}
	if k.untracked == 0 {
		shares.TopShare, shares.Jain = top, k.jain(entitled)
	}
	return shares
}

// warnings say of how many arrivals nothing is known.
func (k *KeyShares) warnings(offered uint64) []string {
	if k == nil || k.Untracked == 0 {
		return nil
	}
	return []string{fmt.Sprintf("keys: %d of %d arrivals on untracked keys", k.Untracked, offered)}
}

// topShares says how many keys were offered, and which share of all tokens the
// busiest of them asked for.
func (k *keyCounts) topShares() (distinct uint64, shares map[string]float64) {
	var total int64
	busiest := make([]int64, 0, tops[len(tops)-1].n+1) // descending
	for id := range k.tokens {
		offered, _ := k.of(id)
		if offered == 0 {
			continue
		}
		distinct++
		total += offered
		if len(busiest) < cap(busiest)-1 || offered > busiest[len(busiest)-1] {
			at, _ := slices.BinarySearchFunc(busiest, offered, func(a, b int64) int { return cmp.Compare(b, a) })
			busiest = slices.Insert(busiest, at, offered)
			busiest = busiest[:min(len(busiest), cap(busiest)-1)]
		}
	}
	shares = make(map[string]float64)
	var sum int64
	taken := 0
	for _, top := range tops {
		for ; taken < min(top.n, len(busiest)); taken++ {
			sum += busiest[taken]
		}
		shares[top.name] = float64(sum) / float64(max(total, 1))
	}
	return distinct, shares
}

// jain is the fairness index of Jain, Chiu and Hawe (1984), (Σx)² / (n·Σx²),
// of x = admitted / entitled over the keys that were offered: 1 when all got
// the same part of what they may have, 1/n when one got everything. It is 1
// when no key got anything. Keys entitled to nothing have no part to compare.
func (k *keyCounts) jain(entitled func(int64) float64) float64 {
	if entitled == nil {
		entitled = func(offered int64) float64 { return float64(offered) }
	}
	var n, sum, squares float64
	for id := range k.tokens {
		offered, admitted := k.of(id)
		if offered == 0 {
			continue
		}
		if may := entitled(offered); may > 0 {
			x := float64(admitted) / may
			n, sum, squares = n+1, sum+x, squares+float64(x*x)
		}
	}
	if squares == 0 {
		return 1
	}
	return min(sum*sum/(n*squares), 1) // rounding may lead past 1
}

// fairness is the index of what the keys that were offered were granted in time.
func (k *keyCounts) fairness() (index float64, ok bool) {
	var n, sum, squares float64
	for id := range k.tokens {
		if offered, _ := k.of(id); offered == 0 {
			continue
		}
		n++
		if id < len(k.good) {
			x := float64(k.good[id])
			sum, squares = sum+x, squares+float64(x*x)
		}
	}
	if squares == 0 || k.untracked > 0 {
		return 0, false
	}
	return min(sum*sum/(n*squares), 1), true
}
