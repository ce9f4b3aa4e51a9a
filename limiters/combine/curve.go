package combine

import (
	"fmt"
	"time"

	"github.com/fcbench/fcbench/internal/whole"
	"github.com/fcbench/fcbench/limiters"
)

// curve bounds the bound of a limiter from both sides. For all w and x
//
//	bound(w) ≤ base + growth(w)   and   bound(x+w) − bound(x) ≥ growth(w)
type curve struct {
	base    int64
	tokens  int64         // that growth brings
	per     time.Duration // at this rate,
	late    time.Duration // beginning as much later
	stepped bool          // all at the end of each, or one by one
	aligned bool          // steps are at multiples of per, for all keys and limiters
}

// curveOf returns the curve of a limiter of known algorithm.
func curveOf(what string, info limiters.Info) (curve, error) {
	rate, period := info.Limit.Rate, info.Limit.Period
	switch info.Algorithm {
	case "token-bucket", "leaky-bucket-meter", "gcra":
		return curve{base: info.Limit.Burst, tokens: rate, per: period}, nil
	case "sliding-window-log":
		return curve{base: rate, tokens: rate, per: period, stepped: true}, nil
	case "fixed-window":
		return curve{base: plus(rate, rate), tokens: rate, per: period, stepped: true, aligned: true}, nil
	case "sliding-window-counter":
		// After a window that granted anything a counter grants one less than
		// its limit; if that is nothing, it grants in every other window. Its
		// worst begins in the last nanosecond of a window.
		if rate == 1 {
			return curve{base: 2, tokens: 1, per: after(period, period), late: 1}, nil
		}
		return curve{base: plus(rate, 1), tokens: rate - 1, per: period, late: 1}, nil
	}
	return curve{}, fmt.Errorf("%s is %s; want token-bucket, leaky-bucket-meter, gcra, fixed-window, sliding-window-log or sliding-window-counter, whose debts can be carried over",
		what, info.Algorithm)
}

// growth is what is sure to flow in while w passes.
func (c curve) growth(w time.Duration) int64 {
	w = max(0, w-c.late)
	if c.stepped {
		return whole.MulDiv(c.tokens, int64(w/c.per), 1)
	}
	return whole.MulDiv(c.tokens, int64(w), int64(c.per))
}

// until is the shortest time that brings n tokens.
func (c curve) until(n int64) time.Duration {
	if n <= 0 {
		return 0
	}
	if c.stepped {
		return after(c.late, time.Duration(whole.MulDiv((n-1)/c.tokens+1, int64(c.per), 1)))
	}
	return after(c.late, time.Duration(whole.MulDivUp(n, int64(c.per), c.tokens)))
}

// asFastAs compares rates.
func (c curve) asFastAs(d curve) bool {
	return whole.Compare(c.tokens, int64(c.per), d.tokens, int64(d.per)) >= 0
}

// carry is what one limiter hands over to the next: at most most tokens, less
// what flows into fast.
type carry struct {
	most int64
	fast curve
}

// carried returns what a hands over to b. Where both are equally fast either may
// be taken for the fast one, and the better is.
func carried(a, b curve) carry {
	if a.aligned && b.aligned && a.per == b.per {
		a.base, b.base = a.tokens, b.tokens
	}
	switch {
	case !b.asFastAs(a):
		return carry{b.behind(a), a}
	case !a.asFastAs(b):
		return carry{a.behind(b), b}
	}
	first, second := carry{b.behind(a), a}, carry{a.behind(b), b}
	if first.most < second.most {
		return first
	}
	return second
}

// behind is the most by which base + growth of c can be ahead of the growth of
// fast, whose rate is no lower.
func (c curve) behind(fast curve) int64 {
	switch {
	case fast.stepped && !(c.stepped && fast.growth(c.per) >= c.tokens):
		return plus(c.base, whole.MulDivUp(c.tokens, int64(fast.per), int64(c.per)))
	case fast.late > c.late:
		return plus(c.base, 1) // no rate is above 1/ns
	}
	return c.base
}

// plus saturates at the largest int64. Neither is negative.
func plus(a, b int64) int64 { return int64(after(time.Duration(a), time.Duration(b))) }
