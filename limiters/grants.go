package limiters

import "time"

// grants is a ring of grants in the order of time, of which there are never
// more than the limit, since each is of at least one token.
type grants struct {
	ring  []granted // a power of two of them
	first int
	len   int
	used  int64 // the sum over the ring
}

type granted struct {
	at time.Duration
	n  int64
}

// entry returns the i-th oldest grant.
func (g *grants) entry(i int) *granted {
	return &g.ring[(g.first+i)&(len(g.ring)-1)]
}

// expired returns how many grants are a period or more old at the instant at,
// and their sum. It drops nothing: an earlier instant may yet be asked about.
func (g *grants) expired(at, period time.Duration) (entries int, sum int64) {
	for entries < g.len && at-g.entry(entries).at >= period {
		sum += g.entry(entries).n
		entries++
	}
	return entries, sum
}

// freeing returns the instant of the grant that, when it and those before it
// are gone, leaves room for n tokens. The first skip grants are gone already.
func (g *grants) freeing(skip int, n int64) time.Duration {
	for n -= g.entry(skip).n; n > 0; n -= g.entry(skip).n {
		skip++
	}
	return g.entry(skip).at
}

// drop forgets the oldest grants, whose sum is given.
func (g *grants) drop(entries int, sum int64) {
	g.first = (g.first + entries) & max(0, len(g.ring)-1)
	g.len -= entries
	g.used -= sum
}

// push adds a grant of n at the instant at, which is not before the latest.
// Grants of one instant share an entry.
func (g *grants) push(at time.Duration, n int64) {
	g.used += n
	if g.len > 0 && g.entry(g.len-1).at == at {
		g.entry(g.len - 1).n += n
		return
	}
	if g.len == len(g.ring) {
		g.grow()
	}
	*g.entry(g.len) = granted{at, n}
	g.len++
}

// grow doubles the ring, and puts the oldest grant first.
func (g *grants) grow() {
	ring := make([]granted, max(4, 2*len(g.ring)))
	tail := copy(ring, g.ring[g.first:])
	copy(ring[tail:], g.ring[:g.first])
	g.ring, g.first = ring, 0
}
