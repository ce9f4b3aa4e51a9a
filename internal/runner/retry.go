package runner

import (
	"time"

	"github.com/fcbench/fcbench/internal/seed"
	"github.com/fcbench/fcbench/results"
	"github.com/fcbench/fcbench/targets"
)

// Retry is what callers do who were refused: they ask again. Retries are extra
// load that the schedule does not contain; an arrival keeps the one outcome of
// its last attempt, and its response time runs from when it was due.
type Retry struct {
	Attempts int           // of one arrival at most, the first included; 0 and 1 mean none but the first
	Wait     time.Duration // before the next one; 0 is as long as the target asks for, or no retry where it does not say
	// Jitter is up to which share of the wait is added at random: 0 brings
	// everybody back at one instant, as they were told.
	Jitter float64
	Random seed.Stream
}

// again plans the next attempt of a request that was refused at the instant at,
// and reports whether there is one.
func (l *loop) again(token uint32, s *slot, at time.Duration, r *targets.Response) bool {
	if r.Outcome != results.Rejected || int(s.attempt) >= l.Retry.Attempts || l.stop.Load() {
		return false
	}
	wait, told := l.Retry.Wait, true
	if wait == 0 {
		wait, told = r.RetryAfter, r.RetryAfter > 0 || r.RetryAtOnce
	}
	if !told || wait > longestWait { // or told that it is no use
		return false
	}
	if wait += l.jitter(s, wait); at > l.lastRetry()-wait {
		return false
	}
	s.state, s.mode, s.status, s.cause, s.unread = resting, r.Mode, r.Status, r.Cause, r.RetryUnread
	l.retries.Push(at+wait, token)
	return true
}

// longestWait keeps sums of instants within their range.
const longestWait = Forever / 4

// jitter is what a caller adds to its wait: at random, but the same for the same
// arrival and attempt of every run.
func (l *loop) jitter(s *slot, wait time.Duration) time.Duration {
	spread := float64(l.Retry.Random.Index(s.seq).Uint64(uint64(s.attempt))>>11) / (1 << 53)
	return time.Duration(min(l.Retry.Jitter*spread*float64(wait), float64(longestWait)))
}

// lastRetry is the end of the window, where it is known: whoever would come back
// later has given up.
func (l *loop) lastRetry() time.Duration {
	if l.Window == 0 {
		return Forever
	}
	return l.Warmup + l.Window
}

// retry releases those who come back by now.
func (l *loop) retry() {
	for token, _, ok := l.retries.Due(l.now); ok; token, _, ok = l.retries.Due(l.now) {
		l.attempt(token)
		l.now, l.fresh = l.clock(), true
	}
}

// giveUp settles those who wait for another attempt that will not be made: they
// were refused.
func (l *loop) giveUp() {
	for token, _, ok := l.retries.Due(Forever); ok; token, _, ok = l.retries.Due(Forever) {
		s := &l.slots.all[token]
		l.settle(s, s.called, s.refused, &targets.Response{Outcome: results.Rejected, Mode: s.mode, Status: s.status, Cause: s.cause, RetryUnread: s.unread})
		l.slots.give(token)
	}
}
