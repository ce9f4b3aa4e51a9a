package results

import (
	"math"
	"time"
)

// calm is how long a pipeline has to do well to have recovered.
const calm = 5 * time.Second

// fillRecovery tells of an overload between two instants.
//
// It has recovered at the earliest start of an interval after the overload from which
// 5 s have, within the slo, at least 0.95 as many answers as arrivals, and a 99th
// percentile of response times that is at most 1.25 times the undisturbed one. 5 s in
// which nothing arrived show nothing.
func (m *Measured) fillRecovery(run *Run, from, to time.Duration, undisturbed func() time.Duration) {
	l := run.League
	s := &m.tally.series
	whole := int(time.Duration(run.MeasuredNS) / s.width)
	first, n := int((to+s.width-1)/s.width), int((calm+s.width-1)/s.width)
	if from < calm || first+n > whole {
		return
	}
	most, of := m.undisturbed(from, undisturbed)
	if most == 0 {
		return
	}
	end := int64(to)
	l.OverloadEndNS, l.Undisturbed, l.UndisturbedP99NS = &end, of, &most
	for i := first; i+n <= whole; i++ {
		answered, offered := s.pool(i, i+n)
		if offered > 0 && 100*answered.within(m.tally.options.SLO) >= 95*offered && 4*answered.at(p99) <= 5*most {
			recovery := int64(i)*int64(s.width) - end
			l.RecoveryNS = &recovery
			return
		}
	}
}

// undisturbed is the 99th percentile that the recovery is held against, and what it is
// of: without a run that nothing disturbs, the part of this one before the overload.
func (m *Measured) undisturbed(overload time.Duration, run func() time.Duration) (ns int64, of string) {
	if run != nil {
		if ns = int64(run()); ns > 0 {
			return ns, UndisturbedRun
		}
	}
	s := &m.tally.series
	before, _ := s.pool(0, int(overload/s.width))
	return before.at(p99), UndisturbedPart
}

// overload is from the first second in which more than 1.1 times the capacity
// arrived to the end of the last one; both are 0 where there was none.
func (r *Run) overload(capacity func(from, to time.Duration) float64) (first, last time.Duration) {
	var from int64
	var offered uint64
	for _, slice := range r.Intervals {
		to := min(slice.TNS+slice.WidthNS, r.MeasuredNS)
		offered += slice.Offered
		if to-from < int64(time.Second) {
			continue
		}
		if could := capacity(time.Duration(from), time.Duration(to)) * float64(to-from) / 1e9; float64(offered) > 1.1*could {
			if last == 0 {
				first = time.Duration(from)
			}
			last = time.Duration(to)
		}
		from, offered = to, 0
	}
	return first, last
}

// pool has the response times of ok of some intervals together, valid until the
// next one, and the arrivals that were due in them.
func (s *series) pool(from, to int) (answered packed, offered uint64) {
	for i := from; i < min(to, s.used); i++ {
		s.active.unpack(s.rows[i].response)
		offered += s.rows[i].offered
	}
	s.scratch = s.active.pack(s.scratch[:0])
	return s.scratch, offered
}

// within counts those that are at most d, or all where that is 0.
func (p packed) within(d time.Duration) (sum uint64) {
	if d == 0 {
		d = math.MaxInt64
	}
	var bucket int
	var n uint64
	for len(p) > 0 {
		if bucket, n, p = p.next(bucket); coarse.Middle(bucket) <= int64(d) {
			sum += n
		}
	}
	return sum
}
