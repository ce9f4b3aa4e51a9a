package results

import "time"

// answers counts what rates are made of. Those that came after the window's
// end are kept apart: they are outcomes, but what a target did in the window
// does not include them.
type answers struct {
	inTime, late         uint64
	goodInTime, goodLate uint64        // ok within the slo
	last                 time.Duration // when the last one came
}

// note counts an answer of any kind.
func (a *answers) note(done, end time.Duration) {
	a.last = max(a.last, done)
	if done > end {
		a.late++
		return
	}
	a.inTime++
}

// good counts an answer, noted before, as goodput.
func (a *answers) good(done, end time.Duration) {
	if done > end {
		a.goodLate++
		return
	}
	a.goodInTime++
}

func (a *answers) add(other *answers) {
	a.inTime, a.late = a.inTime+other.inTime, a.late+other.late
	a.goodInTime, a.goodLate = a.goodInTime+other.goodInTime, a.goodLate+other.goodLate
	a.last = max(a.last, other.last)
}

// rates returns answers and good answers per second of a window that turned
// out to be measured long, and 0 for one of no length.
//
// Where the window ended as o says, they are those that came until then.
// Where its end was not known beforehand, because a count or a signal ended it,
// late answers cannot be told from others; then all of them count, over the time
// until the last one.
func (a *answers) rates(o Options, measured time.Duration) (throughput, goodput float64) {
	n, good, over := a.inTime, a.goodInTime, measured
	if measured != o.Window {
		n, good, over = n+a.late, good+a.goodLate, max(measured, a.last-o.Warmup)
	}
	if over <= 0 {
		return 0, 0
	}
	return float64(n) / over.Seconds(), float64(good) / over.Seconds()
}
