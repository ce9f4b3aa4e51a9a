package oracle

import (
	"math/big"
	"time"
)

// reference is a slow, obviously right limiter for one key, written from the
// definitions in unbounded numbers. Questions change no answer from at on.
type reference interface {
	admits(at time.Duration, n int64) bool
	// next is the earliest instant from at on at which n fits, or before at if never.
	next(at time.Duration, n int64) time.Duration
	take(at time.Duration, n int64)
}

func newReference(algorithm string, l Limit) reference {
	switch algorithm {
	case "fixed-window":
		return &refWindow{rate: l.Rate, period: l.Period, taken: new(big.Int)}
	case "sliding-window-log":
		return &refLog{rate: l.Rate, period: l.Period, taken: new(big.Int)}
	case "sliding-window-counter":
		return &refCounter{rate: l.Rate, period: l.Period, windows: make(map[time.Duration]*big.Rat)}
	default:
		interval := big.NewRat(int64(l.Period), l.Rate)
		return &refBucket{
			burst:    l.Burst,
			interval: interval,
			depth:    new(big.Rat).Mul(interval, ratio(l.Burst)),
			tat:      new(big.Rat),
		}
	}
}

func ratio(n int64) *big.Rat { return new(big.Rat).SetInt64(n) }

// refBucket is written as GCRA, from the theoretical arrival time, so that it
// does not even share its form with the model.
type refBucket struct {
	burst                int64
	interval, depth, tat *big.Rat // in nanoseconds
}

// after is the arrival time once n more have been taken at at.
func (b *refBucket) after(at time.Duration, n int64) *big.Rat {
	from := b.tat
	if now := ratio(int64(at)); now.Cmp(from) > 0 {
		from = now
	}
	cost := new(big.Rat).Mul(b.interval, ratio(n))
	return cost.Add(cost, from)
}

func (b *refBucket) admits(at time.Duration, n int64) bool {
	tat := b.after(at, n)
	return tat.Sub(tat, ratio(int64(at))).Cmp(b.depth) <= 0
}

func (b *refBucket) next(at time.Duration, n int64) time.Duration {
	if n > b.burst {
		return -1
	}
	edge := new(big.Rat).Mul(b.interval, ratio(n))
	edge.Add(edge, b.tat).Sub(edge, b.depth)
	up := new(big.Int).Add(edge.Num(), edge.Denom())
	up.Sub(up, big.NewInt(1)).Div(up, edge.Denom()) // rounds down for a positive divisor
	return max(at, time.Duration(up.Int64()))
}

func (b *refBucket) take(at time.Duration, n int64) { b.tat = b.after(at, n) }

type refWindow struct {
	rate   int64
	period time.Duration
	index  time.Duration
	taken  *big.Int
}

func (w *refWindow) admits(at time.Duration, n int64) bool {
	total := big.NewInt(n)
	if at/w.period == w.index {
		total.Add(total, w.taken)
	}
	return total.Cmp(big.NewInt(w.rate)) <= 0
}

func (w *refWindow) next(at time.Duration, n int64) time.Duration {
	if n > w.rate {
		return -1
	}
	if w.admits(at, n) {
		return at
	}
	return (at/w.period + 1) * w.period
}

func (w *refWindow) take(at time.Duration, n int64) {
	if index := at / w.period; index != w.index {
		w.index = index
		w.taken.SetInt64(0)
	}
	w.taken.Add(w.taken, big.NewInt(n))
}

// refLog keeps every admission, each on its own.
type refLog struct {
	rate   int64
	period time.Duration
	grants []grant
	taken  *big.Int // over grants
}

func (l *refLog) admits(at time.Duration, n int64) bool {
	l.expire(at)
	total := big.NewInt(n)
	return total.Add(total, l.taken).Cmp(big.NewInt(l.rate)) <= 0
}

func (l *refLog) next(at time.Duration, n int64) time.Duration {
	if n > l.rate {
		return -1
	}
	l.expire(at)
	left := new(big.Int).Set(l.taken)
	for _, g := range l.grants {
		if new(big.Int).Add(left, big.NewInt(n)).Cmp(big.NewInt(l.rate)) <= 0 {
			break
		}
		left.Sub(left, big.NewInt(g.tokens))
		at = g.at + l.period
	}
	return at
}

func (l *refLog) take(at time.Duration, n int64) {
	l.grants = append(l.grants, grant{at, n})
	l.taken.Add(l.taken, big.NewInt(n))
}

// expire drops what no instant from at on can count any more.
func (l *refLog) expire(at time.Duration) {
	for len(l.grants) > 0 {
		g := l.grants[0]
		if new(big.Int).Add(big.NewInt(int64(g.at)), big.NewInt(int64(l.period))).Cmp(big.NewInt(int64(at))) > 0 {
			return
		}
		l.forgetOldest()
	}
}

func (l *refLog) forgetOldest() {
	l.taken.Sub(l.taken, big.NewInt(l.grants[0].tokens))
	l.grants = l.grants[1:]
}

// refCounter keeps the total of every window there ever was, by its index.
type refCounter struct {
	rate    int64
	period  time.Duration
	windows map[time.Duration]*big.Rat
}

func (c *refCounter) total(index time.Duration) *big.Rat {
	if total := c.windows[index]; total != nil {
		return total
	}
	return new(big.Rat)
}

func (c *refCounter) admits(at time.Duration, n int64) bool {
	index, elapsed := at/c.period, at%c.period
	estimate := big.NewRat(int64(c.period-elapsed), int64(c.period))
	estimate.Mul(estimate, c.total(index-1))
	estimate.Add(estimate, c.total(index)).Add(estimate, ratio(n))
	return estimate.Cmp(ratio(c.rate)) <= 0
}

func (c *refCounter) next(at time.Duration, n int64) time.Duration {
	if n > c.rate {
		return -1
	}
	for !c.admits(at, n) {
		at = c.opens(at/c.period, n)
	}
	return at
}

// opens is the earliest instant of a window at which n fits, or the start of the
// next. What n leaves of the rate, as a part of the previous total, is the part
// of the previous window that may still be covered. Only asked when there is one.
func (c *refCounter) opens(index time.Duration, n int64) time.Duration {
	end := (index + 1) * c.period
	left := ratio(c.rate - n)
	left.Sub(left, c.total(index))
	if left.Sign() <= 0 {
		return end
	}
	left.Mul(left, ratio(int64(c.period))).Quo(left, c.total(index-1))
	down := new(big.Int).Quo(left.Num(), left.Denom())
	return end - time.Duration(down.Int64())
}

func (c *refCounter) take(at time.Duration, n int64) {
	index := at / c.period
	c.windows[index] = new(big.Rat).Add(c.total(index), ratio(n))
}
