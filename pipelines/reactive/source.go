package reactive

import "sync/atomic"

// Of publishes at(0), at(1) … at(n-1), to every subscriber anew, on the goroutine that
// requests them.
func Of[T any](n int64, at func(i int64) T) Publisher[T] { return &source[T]{n: n, at: at} }

// Failed publishes nothing but err.
func Failed[T any](err error) Publisher[T] { return &source[T]{err: err} }

type source[T any] struct {
	n   int64
	at  func(i int64) T
	err error
}

// Subscribe implements [Publisher].
func (p *source[T]) Subscribe(to Subscriber[T]) {
	s := &reading[T]{source: p, to: to}
	s.step = s.send
	s.turn.enter()
	to.OnSubscribe(s)
	s.turn.work(s.step)
}

// reading is one subscriber's way through a source.
type reading[T any] struct {
	source    *source[T]
	to        Subscriber[T] // nil when it is over; only in turn
	next      int64         // only in turn
	step      func()
	turn      turn
	demand    demand
	cancelled atomic.Bool
	illegal   atomic.Pointer[IllegalRequest]
}

// Request implements [Subscription].
func (s *reading[T]) Request(n int64) {
	if n <= 0 {
		s.illegal.CompareAndSwap(nil, &IllegalRequest{n})
	} else {
		s.demand.add(n)
	}
	s.drain()
}

// Cancel implements [Subscription].
func (s *reading[T]) Cancel() {
	s.cancelled.Store(true)
	s.drain()
}

func (s *reading[T]) drain() {
	if s.turn.enter() {
		s.turn.work(s.step)
	}
}

// send sends what may be sent now.
func (s *reading[T]) send() {
	for s.to != nil {
		switch bad := s.illegal.Load(); {
		case s.cancelled.Load():
			s.to = nil
		case bad != nil:
			s.end(bad)
		case s.next == s.source.n:
			s.end(s.source.err)
		case !s.demand.any():
			return
		default:
			s.demand.take()
			s.next++
			s.to.OnNext(s.source.at(s.next - 1))
		}
	}
}

func (s *reading[T]) end(err error) {
	to := s.to
	s.to = nil
	finish(to, err)
}

// finish sends the last signal: OnComplete where err is nil.
func finish[T any](to Subscriber[T], err error) {
	if err != nil {
		to.OnError(err)
		return
	}
	to.OnComplete()
}
