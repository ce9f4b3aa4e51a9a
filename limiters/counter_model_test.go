package limiters

import (
	"math/big"
	"sort"
	"time"
)

// counterModel is a sliding window counter of rational numbers that remembers
// what every window granted.
type counterModel struct {
	limit  Limit
	counts map[int64]int64 // by the number of the window
	at     time.Duration
}

func newCounterModel(limit Limit) model {
	return &counterModel{limit: limit, counts: map[int64]int64{}}
}

func (m *counterModel) allow(now time.Duration, n int64) Decision {
	d := Decision{At: max(now, m.at)}
	if m.fit(d.At, 0, n) {
		d.Allowed = true
		m.at = d.At
		m.counts[int64(d.At/m.limit.Period)] += n
	} else {
		d.RetryAfter = m.until(d.At, n)
	}
	room := m.room(d.At, 0)
	d.Remaining = max(0, new(big.Int).Div(room.Num(), room.Denom()).Int64())
	d.ResetAfter = m.until(d.At, m.limit.Rate)
	return d
}

func (m *counterModel) setLimit(_ time.Duration, limit Limit) { m.limit = limit }

// room returns what is free, in tokens, when later has passed since the instant at.
func (m *counterModel) room(at, later time.Duration) *big.Rat {
	period := uint64(m.limit.Period)
	since := uint64(at%m.limit.Period) + uint64(later) // both at most 2^63
	window := int64(at/m.limit.Period) + int64(since/period)
	weight := big.NewRat(int64(period-since%period), int64(period))
	weighted := weight.Mul(weight, integer(m.counts[window-1]))
	return weighted.Sub(integer(m.limit.Rate-m.counts[window]), weighted)
}

func (m *counterModel) fit(at, later time.Duration, n int64) bool {
	return m.room(at, later).Cmp(integer(n)) >= 0
}

// until bisects the two periods in which a count fades away. (Room does not
// shrink while nothing is granted: [TestCounterWaits] looks at every nanosecond.)
func (m *counterModel) until(at time.Duration, n int64) time.Duration {
	if n > m.limit.Rate {
		return Never
	}
	return time.Duration(sort.Search(int(2*m.limit.Period), func(later int) bool {
		return m.fit(at, time.Duration(later), n)
	}))
}
