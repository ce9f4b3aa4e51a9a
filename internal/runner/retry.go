package runner

import (
	"math"
	"time"

	"github.com/fcbench/fcbench/internal/seed"
	"github.com/fcbench/fcbench/results"
	"github.com/fcbench/fcbench/targets"
)

// Retry is what callers do whose attempt ended badly: they try again. Retries are
// extra load that the schedule does not contain; an arrival keeps the one outcome
// of its last attempt, and its response time runs from when it was due.
type Retry struct {
	On       OutcomeSet    // after which outcomes
	Attempts int           // of one arrival at most, the first included; 0 and 1 mean none but the first
	Wait     time.Duration // before the next one; 0 is as long as the target asks for, or no retry where it does not say
	// Jitter is up to which share of the wait is added at random: 0 brings
	// all callers back at the instant that they were told.
	Jitter float64
	// Backoff is in place of Wait and Jitter where its Base is not 0. Where the
	// target asks for a longer wait than it has, that is waited.
	Backoff Backoff
	// Budget is how many retries there may be for each first attempt of the last 10 s;
	// 0 for any number.
	Budget float64
	Random seed.Stream
}

// Backoff is exponential with full jitter: before retry k it waits from 0 to
// Base × Factor^(k−1), but at most Cap, all lengths alike (Brooker, "Exponential
// backoff and jitter", 2015).
type Backoff struct {
	Base   time.Duration
	Factor float64
	Cap    time.Duration // 0: none
}

// OutcomeSet is a set of outcomes.
type OutcomeSet uint8

// NewOutcomeSet returns the set of these.
func NewOutcomeSet(all ...results.Outcome) (s OutcomeSet) {
	for _, o := range all {
		s |= 1 << o
	}
	return s
}

func (s OutcomeSet) has(o results.Outcome) bool { return s&(1<<o) != 0 }

// again plans the next attempt of a request whose latest ended at the instant at,
// in the slot that it has, and reports whether there is one.
func (l *lane) again(token uint32, s *slot, at time.Duration, r *targets.Response) bool {
	wait, ok := l.wait(s, at, r)
	if !ok {
		return false
	}
	l.rest(token, at+wait, r)
	return true
}

// elsewhere plans the next attempt of a request that was given up just now. Its
// slot stays with the target, so it takes another one.
func (l *lane) elsewhere(s *slot, r *targets.Response) bool {
	if r == &drained {
		return false
	}
	wait, ok := l.wait(s, l.now, r)
	if !ok {
		return false
	}
	token, ok := l.slots.take()
	if !ok {
		l.deny(s)
		return false
	}
	other := &l.slots.all[token]
	*other = *s
	other.ended = l.now
	l.rest(token, l.now+wait, r)
	return true
}

// rest keeps what the attempt came to, should there not be another after all.
func (l *lane) rest(token uint32, until time.Duration, r *targets.Response) {
	s := &l.slots.all[token]
	s.state, s.outcome, s.mode, s.status, s.cause, s.unread = resting, r.Outcome, r.Mode, r.Status, r.Cause, r.RetryUnread
	l.retries.Push(until, token)
}

// wait is how long the caller waits before it tries again, if it does.
func (l *lane) wait(s *slot, at time.Duration, r *targets.Response) (time.Duration, bool) {
	if int(s.attempt) >= l.Retry.Attempts || !l.Retry.On.has(r.Outcome) || l.Stop.Load() {
		return 0, false
	}
	wait, ok := l.pause(s, r)
	if !ok || at > l.lastRetry()-wait {
		return 0, false
	}
	if !l.budget.withdraw(at) {
		l.deny(s)
		return 0, false
	}
	return wait, true
}

// longestWait keeps sums of instants within their range.
const longestWait = Forever / 4

func (l *lane) pause(s *slot, r *targets.Response) (wait time.Duration, ok bool) {
	if l.Retry.Backoff.Base > 0 {
		wait = max(l.backoff(s), r.RetryAfter)
		return wait, wait <= longestWait
	}
	told := true
	if wait = l.Retry.Wait; wait == 0 {
		wait, told = r.RetryAfter, r.RetryAfter > 0 || r.RetryAtOnce
	}
	if !told || wait > longestWait { // or told that it is no use
		return 0, false
	}
	return wait + time.Duration(min(l.Retry.Jitter*l.random(s)*float64(wait), float64(longestWait))), true
}

// backoff draws the wait before the next attempt.
func (l *lane) backoff(s *slot) time.Duration {
	b := l.Retry.Backoff
	longest := float64(b.Base) * math.Pow(b.Factor, float64(s.attempt-1))
	if b.Cap > 0 {
		longest = min(longest, float64(b.Cap))
	}
	return time.Duration(l.random(s) * min(longest, float64(longestWait)))
}

// random is from 0 to 1, and the same for the same arrival and attempt of every run.
func (l *lane) random(s *slot) float64 {
	return float64(l.Retry.Random.Index(s.seq).Uint64(uint64(s.attempt))>>11) / (1 << 53)
}

// deny counts a retry that was wanted and is not made.
func (l *lane) deny(s *slot) {
	if s.measured {
		l.denied++
	}
}

// lastRetry is the end of the window, where it is known: no retry is made after it.
func (l *lane) lastRetry() time.Duration {
	if l.Window == 0 {
		return Forever
	}
	return l.Warmup + l.Window
}

// retry sends those again whose wait is over.
func (l *lane) retry() {
	for token, at, ok := l.retries.Due(l.now); ok; token, at, ok = l.retries.Due(l.now) {
		l.slots.all[token].due = at
		l.send(token)
		l.now, l.fresh = l.clock(), true
	}
}

// giveUp settles those who wait for another attempt that will not be made, with
// what the last one came to.
func (l *lane) giveUp() {
	for token, _, ok := l.retries.Due(Forever); ok; token, _, ok = l.retries.Due(Forever) {
		s := &l.slots.all[token]
		l.settle(s, s.called, s.ended, &targets.Response{Outcome: s.outcome, Mode: s.mode, Status: s.status, Cause: s.cause, RetryUnread: s.unread})
		l.slots.give(token)
	}
}
