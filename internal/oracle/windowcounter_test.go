package oracle

import (
	"math"
	"math/big"
	"testing"
	"time"
)

// counterWounds are the ways to get the previous window wrong.
func counterWounds() []wound {
	const algorithm = "sliding-window-counter"
	return []wound{
		{"forgets the previous window", algorithm, falseAdmits, weighs(func(*big.Rat, int64, int64) *big.Rat {
			return new(big.Rat)
		})},
		{"weighs the previous window by its age", algorithm, falseAdmits | falseDenials, weighs(func(previous *big.Rat, elapsed, period int64) *big.Rat {
			return fraction(previous, elapsed, period)
		})},
		{"never lets the previous window fade", algorithm, falseDenials, weighs(func(previous *big.Rat, _, _ int64) *big.Rat {
			return previous
		})},
		{"rounds the previous window down", algorithm, falseAdmits, weighs(func(previous *big.Rat, elapsed, period int64) *big.Rat {
			part := fraction(previous, period-elapsed, period)
			return new(big.Rat).SetInt(new(big.Int).Quo(part.Num(), part.Denom()))
		})},
		{"rounds the previous window to the nearest", algorithm, falseAdmits, weighs(func(previous *big.Rat, elapsed, period int64) *big.Rat {
			twice := fraction(previous, 2*(period-elapsed), period)
			twice.Add(twice, ratio(1))
			return new(big.Rat).SetInt(new(big.Int).Quo(twice.Num(), new(big.Int).Lsh(twice.Denom(), 1)))
		})},
		{"remembers a window that is long past", algorithm, falseDenials, staleWindow},
	}
}

func fraction(of *big.Rat, part, whole int64) *big.Rat {
	return new(big.Rat).Mul(of, big.NewRat(part, whole))
}

// weighs is right in all but how the previous window's total counts.
func weighs(weight func(previous *big.Rat, elapsed, period int64) *big.Rat) func(Limit) subject {
	return func(l Limit) subject {
		r := newReference("sliding-window-counter", l).(*refCounter)
		return func(at time.Duration, n int64) bool {
			index := at / l.Period
			weighted := weight(r.total(index-1), int64(at%l.Period), int64(l.Period))
			estimate := new(big.Rat).Add(weighted, r.total(index))
			if estimate.Add(estimate, ratio(n)).Cmp(ratio(l.Rate)) > 0 {
				return false
			}
			r.take(at, n)
			return true
		}
	}
}

// staleWindow takes the last window that was used for the previous one.
func staleWindow(l Limit) subject {
	r, last := newReference("sliding-window-counter", l).(*refCounter), time.Duration(0)
	return func(at time.Duration, n int64) bool {
		if index := at / l.Period; index != last {
			r.windows[index-1] = r.total(last)
			last = index
		}
		return correct(r)(at, n)
	}
}

func TestWindowCounterByHand(t *testing.T) {
	const s, ms = time.Second, time.Millisecond
	type step struct {
		at    time.Duration
		n     int64
		taken bool
		held  int64 // by the model before
	}
	for _, tc := range []struct {
		name  string
		limit Limit
		steps []step
	}{
		{
			"the previous window fades to the nanosecond",
			Limit{Rate: 10, Period: s},
			[]step{
				{999 * ms, 10, true, 10},
				{1*s + 0, 1, false, 0},
				{1100*ms - 1, 1, false, 0},
				{1100 * ms, 1, true, 1},
				{1500*ms - 1, 4, false, 3},
				{1500 * ms, 4, true, 4},
				{2*s - 1, 5, false, 4},
				{2 * s, 5, true, 5}, // the boundary itself: 5 of the previous one count in full
			},
		}, {
			"a window that was skipped leaves nothing behind",
			Limit{Rate: 10, Period: s},
			[]step{{0, 10, true, 10}, {2*s - 1, 10, false, 9}, {2 * s, 10, true, 10}},
		}, {
			"windows are aligned to time 0, not to the first use",
			Limit{Rate: 7, Period: 3 * s},
			[]step{{2 * s, 7, true, 7}, {5 * s, 4, true, 4}, {5 * s, 1, false, 0}, {6 * s, 3, true, 3}},
		}, {
			"a part of a token is not a token",
			Limit{Rate: 7, Period: 3 * s},
			[]step{{0, 1, true, 7}, {6*s - 1, 7, false, 6}, {6 * s, 7, true, 7}},
		}, {
			"too many are charged, and fade like any others",
			Limit{Rate: 10, Period: s},
			[]step{{0, 25, true, 10}, {0, 1, false, -15}, {s + 300*ms, 1, false, -8}, {s + 640*ms, 1, true, 1}, {s + 640*ms + 1, 1, false, 0}},
		}, {
			"once a day",
			Limit{Rate: 1, Period: day},
			[]step{{day - 1, 1, true, 1}, {day, 1, false, 0}, {2*day - 1, 1, false, 0}, {2 * day, 1, true, 1}},
		},
	} {
		m := counterModel(tc.limit)()
		for i, s := range tc.steps {
			m.advance(s.at)
			if got := m.room(); got != s.held {
				t.Errorf("%s: before step %d it holds %d; want %d", tc.name, i, got, s.held)
			}
			right := s.n <= s.held
			if m.admits(s.n) != right {
				t.Errorf("%s: step %d, %d at %v: admits is %t; want %t", tc.name, i, s.n, s.at, !right, right)
			}
			if s.taken {
				m.take(s.at, s.n, 0)
			}
		}
	}
}

// Of a window of 2^65 tokens, a tenth is still more than this limit. Were the
// count cut off at 2^63, it would not be.
func TestWindowCounterBeyondInt64(t *testing.T) {
	l := Limit{Rate: math.MaxInt64 / 4, Period: time.Second}
	for taken, want := range map[int]bool{1: true, 4: false} {
		m := counterModel(l)()
		m.advance(0)
		for range taken {
			m.take(0, math.MaxInt64, 0)
		}
		m.advance(1900 * time.Millisecond)
		if got := m.admits(1); got != want {
			t.Errorf("after %d × (2^63 − 1) tokens: admits is %t; want %t", taken, got, want)
		}
	}
}

// By its own model the counter is right, and still lets almost twice the limit
// through in one trailing window: spent at the very end of a window, the limit
// fades as if it had been spent all along.
func TestWindowCounterWorstCase(t *testing.T) {
	const limit, period = 100, time.Second
	j := mustNew(t, "sliding-window-counter", Limit{Rate: limit, Period: period})
	j.Observe(Observation{N: limit, At: period - 1, Allowed: true})
	for i := range time.Duration(limit - 1) {
		fits := period + (i+1)*period/limit // before 2·period − 1, when the first ones leave the trailing window
		j.Observe(Observation{N: 1, At: fits - 1})
		j.Observe(Observation{N: 1, At: fits, Allowed: true})
	}
	if r := j.Report(); r.FalseAdmits+r.FalseDenials != 0 || r.Admitted != 2*limit-1 || r.BurstExcess != 0 {
		t.Errorf("%+v; want %d tokens in a period, none of them wrong, and the rate kept", r, 2*limit-1)
	}
}
