package capacity

import (
	"cmp"
	"math"
	"slices"
	"time"
)

// Terms are the attributes that MLRsearch (RFC 9971) gives a search goal beside its loss
// ratio, which is the budget of each goal here, and its width, which is twice the precision
// of the plan. All goals of a plan share them; a duration of 0 is chosen by the budget.
type Terms struct {
	Initial time.Duration `json:"initial_trial_ns,omitempty"` // the shortest trials
	Final   time.Duration `json:"final_trial_ns,omitempty"`   // trials as long as that are of full length
	Sum     time.Duration `json:"duration_sum_ns,omitempty"`  // so much of full length decides about a load
	Exceed  float64       `json:"exceed_ratio"`               // the share of that in which trials may miss a goal
}

// bound is what a load is for a goal, by all trials made at it so far.
type bound uint8

const (
	undecided bound = iota
	lower           // it keeps the goal, whatever else is measured until the duration sum
	upper           // it misses the goal, likewise
)

// loss is what a trial lost by a goal.
type loss struct {
	ratio  float64
	length time.Duration
}

// lost is the share of bad requests, and all of them where the trial missed as a whole.
func (g Goal) lost(m made, i int) loss {
	c, l := m.Goals[i], loss{length: m.Length}
	switch {
	case m.Backlog, g.Hard() && c.Bad > 0:
		l.ratio = 1
	case c.Of > 0:
		l.ratio = float64(c.Bad) / float64(c.Of)
	}
	return l
}

// sums are the times of trials, by their length and by their loss.
type sums struct{ fullLow, fullHigh, shortLow, shortHigh time.Duration }

// sums sorts trials whose loss ratio may be so high.
func (t Terms) sums(ratio float64, trials []loss) (s sums) {
	for _, l := range trials {
		full, high := l.length >= t.Final, l.ratio > ratio
		switch {
		case full && high:
			s.fullHigh += l.length
		case full:
			s.fullLow += l.length
		case high:
			s.shortHigh += l.length
		default:
			s.shortLow += l.length
		}
	}
	return s
}

// weigh is the time that counts as of high loss, and the whole that it is a part of: that of
// all trials that count, or the duration sum, where they are not yet as much. Short trials
// count against a load only, and only those that good short ones do not make up for.
func (t Terms) weigh(s sums) (high, whole time.Duration) {
	high = s.fullHigh + max(0, s.shortHigh-part(s.shortLow, t.Exceed/(1-t.Exceed)))
	return high, max(s.fullLow+high, t.Sum)
}

// classify is the load classification of RFC 9971, appendix A, in whole nanoseconds: by what
// part of the whole is of high loss if all that is missing of it went well, and if all of it
// went badly.
func (t Terms) classify(s sums) bound {
	high, whole := t.weigh(s)
	switch allowed := part(whole, t.Exceed); {
	case whole-s.fullLow <= allowed:
		return lower
	case high > allowed:
		return upper
	}
	return undecided
}

// throughput is the conditional throughput of RFC 9971, appendix B: what was good of the load in
// the worst of the best full-length trials that the exceed ratio leaves.
func (t Terms) throughput(load float64, trials []loss) float64 {
	var sum time.Duration
	var full []loss
	for _, l := range trials {
		if l.length >= t.Final {
			full, sum = append(full, l), sum+l.length
		}
	}
	slices.SortStableFunc(full, func(a, b loss) int { return cmp.Compare(a.ratio, b.ratio) })
	whole := max(t.Sum, sum)
	remaining, ratio := whole-part(whole, t.Exceed), 1.0
	for i, l := range full {
		if i > 0 && remaining <= 0 {
			return load * (1 - ratio)
		}
		remaining, ratio = remaining-l.length, l.ratio
	}
	if remaining > 0 {
		return 0
	}
	return load * (1 - ratio)
}

// part is a share of a time, to the nanosecond.
func part(d time.Duration, share float64) time.Duration {
	return time.Duration(math.Round(float64(d) * share))
}
