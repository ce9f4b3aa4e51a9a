package report

import (
	"fmt"
	"time"

	"github.com/fcbench/fcbench/results"
)

// asked is a limit in numbers: tokens per period, and so many at once beside
// them. A window has no burst.
type asked struct{ tokens, burst, period int64 }

// askedOf is the limit that a run's limiter was asked to keep, if it is one.
func askedOf(r repeat) (asked, bool) {
	if r.Accuracy == nil || r.Accuracy.MostPerPeriod == nil {
		return asked{}, false
	}
	m := r.Accuracy.MostPerPeriod
	return asked{m.Asked, m.Burst, m.PeriodNS}, true
}

// reference is the limit against which all rate errors of a comparison are told,
// so that buckets and windows stand in one column: the one that its buckets share.
type reference struct {
	asked
	entitled float64 // tokens that an exact bucket of it admits; 0 where there is no such limit
}

// reference is none where the limits differ by more than their bursts.
func (c comparison) reference() (ref reference) {
	var entitled []float64
	for _, t := range c.trials {
		for _, r := range t.repeats {
			a, ok := askedOf(r)
			switch {
			case !ok:
			case ref.tokens > 0 && (a.tokens != ref.tokens || a.period != ref.period), a.burst > 0 && ref.burst > 0 && a.burst != ref.burst:
				return reference{}
			default:
				ref.asked = asked{a.tokens, max(a.burst, ref.burst), a.period}
				if a.burst > 0 && r.Accuracy.Compared != nil && r.Accuracy.Entitled > 0 {
					entitled = append(entitled, float64(r.Accuracy.Entitled))
				}
			}
		}
	}
	s, _ := results.SpreadOf(entitled)
	ref.entitled = s.Median
	return ref
}

// rateError reads how much more was admitted than the reference admits of the
// same arrivals; where there is none, than an exact bucket of the own limit does.
func (ref reference) rateError(r repeat) (float64, bool) {
	own, known := metric("accuracy.rate_error")(r)
	a, limited := askedOf(r)
	switch {
	case !known:
		return 0, false
	case !limited || ref.entitled == 0 || a == ref.asked:
		return own, true
	}
	return float64(r.Accuracy.Admitted)/ref.entitled - 1, r.Accuracy.ObservedShare == 1
}

// rateErrorWords say against what.
func (ref reference) rateErrorWords() string {
	if ref.entitled == 0 {
		return "Rate error: tokens admitted, against an exact token bucket of the row's own limit, its burst one window's worth where there is none."
	}
	return fmt.Sprintf("Rate error: tokens admitted, in all rows against an exact token bucket of %s/%s burst %s.",
		number(float64(ref.tokens)), short(ref.period), number(float64(ref.burst)))
}

// short is a period as limits are written: "s", "m", "10s".
func short(period int64) string {
	switch d := time.Duration(period); d {
	case time.Second:
		return "s"
	case time.Minute:
		return "m"
	case time.Hour:
		return "h"
	default:
		return results.Short(d)
	}
}

// mostColumns put what one key got in any one period beside what was asked for:
// the one figure in which all algorithms can be compared.
func mostColumns(all []trial) []column {
	period := onePeriod(all)
	head := "most in\na period"
	if period > 0 {
		head = "most in\n" + results.Short(time.Duration(period))
	}
	return []column{
		{Column: Column{Head: head, Rank: telling}, read: mostPerPeriod, shows: extremes, write: number, hedged: atLeast},
		{Column: Column{Head: "asked\nfor", Tight: true, Rank: partial}, text: func(t trial) string { return askedText(t, period == 0) }},
	}
}

func mostPerPeriod(r repeat) (float64, bool) {
	if _, ok := askedOf(r); !ok {
		return 0, false
	}
	return float64(r.Accuracy.MostPerPeriod.Admitted), true
}

// atLeast reports whether there may have been more.
func atLeast(r repeat) bool {
	_, ok := askedOf(r)
	return ok && r.Accuracy.MostPerPeriod.AtLeast
}

// onePeriod is that of all limits, 0 where they differ.
func onePeriod(all []trial) (period int64) {
	for _, t := range all {
		for _, r := range t.repeats {
			a, ok := askedOf(r)
			if ok && period != 0 && a.period != period {
				return 0
			}
			period = max(period, a.period)
		}
	}
	return period
}

// endless is the least burst that is written as none: that of a shaper without a
// limit on its queue.
const endless = 1e9

// askedText is "100" of a window, "100+20" of a bucket, with its period where
// that is not told.
func askedText(t trial, told bool) string {
	for _, r := range t.repeats {
		a, ok := askedOf(r)
		if !ok {
			continue
		}
		text := number(float64(a.tokens))
		if told {
			text += "/" + short(a.period)
		}
		switch {
		case a.burst > endless:
			text += "+∞"
		case a.burst > 0:
			text += "+" + number(float64(a.burst))
		}
		return text
	}
	return ""
}
