package targets

import (
	"context"
	"sync/atomic"
	"time"
)

// slowCaller is busy after each call for a share of what calls take on average, less
// what it costs itself.
type slowCaller struct {
	Caller
	share float64
	// What it costs in ns: a look at the clock, a turn of being busy, and a call of
	// which nothing is asked.
	reading, turn, own float64

	calls, timed atomic.Uint64
	took         atomic.Int64  // ns, of those that were timed
	turns        atomic.Uint64 // that calls are busy for
}

// timedEvery is how many calls there are to each that is timed: to look at the clock
// costs as much as to decide.
const timedEvery = 32

func newSlowCaller(c Caller, share float64) *slowCaller {
	s := &slowCaller{Caller: c, share: share}
	const often = 1 << 14
	s.turn = each(often, func() { busy(often) })
	began := time.Now()
	clock := func() time.Duration { return time.Since(began) }
	s.reading = each(often, func() {
		for range often {
			clock()
		}
	})
	nothing := &slowCaller{Caller: noop{}}
	s.own = each(often, func() {
		var r Request
		for range often {
			nothing.Do(context.Background(), clock, &r)
		}
	})
	return s
}

// each is what one of n takes in ns that f does: the least of a few times.
func each(n int, f func()) (ns float64) {
	for i := range 5 {
		began := time.Now()
		f()
		if took := float64(time.Since(began)) / float64(n); i == 0 || took < ns {
			ns = took
		}
	}
	return ns
}

func (s *slowCaller) Do(ctx context.Context, clock Clock, r *Request) Response {
	if s.calls.Add(1)%timedEvery != 1 {
		answer := s.Caller.Do(ctx, clock, r)
		busy(s.turns.Load())
		return answer
	}
	began := clock()
	answer := s.Caller.Do(ctx, clock, r)
	s.learn(clock() - began)
	busy(s.turns.Load())
	return answer
}

// learn adds a call to the average.
func (s *slowCaller) learn(took time.Duration) {
	mean := float64(s.took.Add(int64(took)))/float64(s.timed.Add(1)) - s.reading
	if extra := s.share*mean - s.own; extra > 0 && s.turn > 0 {
		s.turns.Store(uint64(extra/s.turn + 0.5))
	}
}

// busy takes so many turns, which neither wait for memory nor touch any.
//
//go:noinline
func busy(turns uint64) {
	x := turns | 1
	for ; turns > 0; turns-- {
		x ^= x << 13
		x ^= x >> 7
		x ^= x << 17
	}
	if x == 0 { // which it never becomes, and the compiler does not know
		panic("busy for nothing")
	}
}
