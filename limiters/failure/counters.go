package failure

import "sync/atomic"

// Counters say how calls ended.
type Counters struct {
	// Who answered. These five add up to the calls that have come back.
	Primary    uint64 `json:"primary"`
	FailOpen   uint64 `json:"fail_open"`
	FailClosed uint64 `json:"fail_closed"`
	Local      uint64 `json:"local"`
	Unanswered uint64 `json:"unanswered"` // nobody: the caller got an error

	// Why it was not the primary, or was not in time. A call whose caller left, or
	// asked for nothing, need not be in any of these; a late answer is one of
	// Deadline and of Primary.
	Errors         uint64 `json:"errors"`
	Deadline       uint64 `json:"deadline"`
	ShortCircuited uint64 `json:"short_circuited"` // not asked: the breaker was open, or somebody else was opening the primary

	Opened uint64 `json:"opened"` // how often the breaker opened
}

// Calls is how many calls have come back.
func (c Counters) Calls() uint64 {
	return c.Primary + c.FailOpen + c.FailClosed + c.Local + c.Unanswered
}

type counts struct {
	primary, failOpen, failClosed, local, unanswered atomic.Uint64
	errors, deadline, shortCircuited                 atomic.Uint64
}

// Counters implements [Limiter].
func (g *guard) Counters() Counters {
	c := &g.counts
	return Counters{
		Primary:        c.primary.Load(),
		FailOpen:       c.failOpen.Load(),
		FailClosed:     c.failClosed.Load(),
		Local:          c.local.Load(),
		Unanswered:     c.unanswered.Load(),
		Errors:         c.errors.Load(),
		Deadline:       c.deadline.Load(),
		ShortCircuited: c.shortCircuited.Load(),
		Opened:         g.breaker.opened.Load(),
	}
}
