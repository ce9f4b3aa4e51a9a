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
	tokens    []keyTokens
	untracked uint64 // arrivals
}

type keyTokens struct{ offered, admitted int64 }

// offer counts cost tokens asked for by the key id.
func (k *keyCounts) offer(id uint32, cost int64) {
	if int(id) >= len(k.tokens) {
		if id >= maxTracked {
			k.untracked++
			return
		}
		k.grow(int(id) + 1)
	}
	k.tokens[id].offered += cost
}

// admit counts cost tokens granted to the key id, which was offered before.
func (k *keyCounts) admit(id uint32, cost int64) {
	if int(id) < len(k.tokens) {
		k.tokens[id].admitted += cost
	}
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
	for id, t := range other.tokens {
		k.tokens[id].offered += t.offered
		k.tokens[id].admitted += t.admitted
	}
	k.untracked += other.untracked
}

// shares summarises the keys that were offered; nil when there are none.
func (k *keyCounts) shares(entitled func(int64) float64) *KeyShares {
	offered := make([]int64, 0, len(k.tokens))
	for _, t := range k.tokens {
		if t.offered > 0 {
			offered = append(offered, t.offered)
		}
	}
	if len(offered) == 0 && k.untracked == 0 {
		return nil
	}
	shares := &KeyShares{Distinct: uint64(len(offered)), Untracked: k.untracked}
	if k.untracked == 0 {
		shares.TopShare, shares.Jain = topShares(offered), k.jain(entitled)
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

// topShares says which share of all tokens the busiest keys asked for.
// It sorts offered.
func topShares(offered []int64) map[string]float64 {
	slices.SortFunc(offered, func(a, b int64) int { return cmp.Compare(b, a) })
	var total int64
	for _, n := range offered {
		total += n
	}
	shares := make(map[string]float64)
	var sum int64
	taken := 0
	for _, top := range tops {
		for ; taken < min(top.n, len(offered)); taken++ {
			sum += offered[taken]
		}
		shares[top.name] = float64(sum) / float64(max(total, 1))
	}
	return shares
}

// jain is the fairness index of Jain, Chiu and Hawe (1984), (Σx)² / (n·Σx²),
// of x = admitted / entitled over the keys that were offered: 1 when all got
// the same part of what they may have, 1/n when one got everything. It is 1
// when nobody got anything. Keys entitled to nothing have no part to compare.
func (k *keyCounts) jain(entitled func(int64) float64) float64 {
	if entitled == nil {
		entitled = func(offered int64) float64 { return float64(offered) }
	}
	var n, sum, squares float64
	for _, t := range k.tokens {
		if t.offered == 0 {
			continue
		}
		if may := entitled(t.offered); may > 0 {
			x := float64(t.admitted) / may
			n, sum, squares = n+1, sum+x, squares+x*x
		}
	}
	if squares == 0 {
		return 1
	}
	return min(sum*sum/(n*squares), 1) // rounding may lead past 1
}
