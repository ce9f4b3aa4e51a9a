package oracle

import "time"

// slidingLog is the exact sliding-window log: at most limit tokens in every trailing
// window of period, where an admission at a counts for all now < a + period.
//
// It remembers one grant per distinct instant, and no more of them than needed:
// once the newer grants alone hold limit tokens, an older one can no longer
// change any answer, because for as long as it counts so do they, and nothing
// fits. Dropping it therefore keeps every judgement exact, and since a grant
// is at least one token, at most limit grants are ever left, even for a
// limiter that admits without limit.
type slidingLog struct {
	limit  int64
	period time.Duration
	grants []grant // those before head are spent
	head   int
	taken  uint64 // tokens in grants[head:], of which all but the oldest are below limit
}

// grant is what was taken at one instant.
type grant struct {
	at     time.Duration
	tokens int64
}

func logModel(l Limit) func() model {
	return func() model { return &slidingLog{limit: l.Rate, period: l.Period} }
}

func (l *slidingLog) advance(at time.Duration) {
	for l.head < len(l.grants) && at-l.grants[l.head].at >= l.period {
		l.forgetOldest()
	}
}

func (l *slidingLog) admits(n int64) bool { return n <= l.room() }

func (l *slidingLog) admitsAt(at time.Duration, n int64) bool {
	left := l.taken
	for _, g := range l.grants[l.head:] {
		if at-g.at < l.period {
			break
		}
		left -= uint64(g.tokens)
	}
	return n <= int64(uint64(l.limit)-left)
}

func (l *slidingLog) take(at time.Duration, n int64, _ time.Duration) {
	if last := len(l.grants) - 1; last >= l.head && l.grants[last].at == at {
		l.taken -= uint64(l.grants[last].tokens)
		n = sum(n, l.grants[last].tokens)
		l.grants = l.grants[:last]
	}
	for l.head < len(l.grants) && l.taken-uint64(l.grants[l.head].tokens)+uint64(n) >= uint64(l.limit) {
		l.forgetOldest()
	}
	l.grants = append(l.grants, grant{at, n})
	l.taken += uint64(n)
}

func (l *slidingLog) room() int64 { return int64(uint64(l.limit) - l.taken) }

// forgetOldest drops the oldest grant, and moves the others to the front once
// they are the smaller half: constant time on average, without allocating.
func (l *slidingLog) forgetOldest() {
	l.taken -= uint64(l.grants[l.head].tokens)
	l.head++
	if 2*l.head >= len(l.grants) {
		l.grants = l.grants[:copy(l.grants, l.grants[l.head:])]
		l.head = 0
	}
}

func (l *slidingLog) gone(at time.Duration) bool {
	last := len(l.grants) - 1
	return last < l.head || at-l.grants[last].at >= l.period
}
