package reactive

import "sync/atomic"

// stage stands between a source and one subscriber, with a line in between. It is a
// [Processor]; how it asks its source, and what happens to those whom there is no room
// for, is what makes it one operator or another.
type stage[T any] struct {
	line    line[T]
	first   int64   // requested at the start
	again   int64   // requested each time that as many were sent on; 0: never
	worker  func()  // sends on; nil: whoever comes does
	eager   bool    // takes in only whom there is demand for
	lossy   bool    // those it does not take in are lost, which is no failure
	dropped func(T) // is told of them; may be nil

	up        atomic.Pointer[Subscription]
	cut       atomic.Bool // the source was told to stop
	done      atomic.Bool // no more comes; err says why
	err       error
	demand    demand
	turn      turn
	taken     atomic.Bool
	cancelled atomic.Bool
	illegal   atomic.Pointer[IllegalRequest]

	// Only in turn.
	to    Subscriber[T]
	asked bool
	sent  int64 // since the last request
	step  func()
}

// open makes it ready: it is its own turn until somebody subscribes.
func (s *stage[T]) open() *stage[T] {
	s.step = s.send
	s.turn.enter()
	return s
}

// Subscribe implements [Publisher], for one subscriber.
func (s *stage[T]) Subscribe(to Subscriber[T]) {
	if !s.taken.CompareAndSwap(false, true) {
		Failed[T](ErrTaken).Subscribe(to)
		return
	}
	s.to = to
	to.OnSubscribe(s)
	s.run()
}

// OnSubscribe implements [Subscriber]. A second source is refused (§2.05). What is
// bounded is requested in turn; what is not would never give the turn back.
func (s *stage[T]) OnSubscribe(up Subscription) {
	if !s.up.CompareAndSwap(nil, &up) {
		up.Cancel()
		return
	}
	if s.again == 0 && !s.cancelled.Load() {
		up.Request(s.first)
	}
	s.drain()
}

// OnNext implements [Subscriber].
func (s *stage[T]) OnNext(v T) {
	if s.done.Load() || s.cancelled.Load() {
		return
	}
	if s.eager && !s.demand.any() {
		s.refuse(v)
		return
	}
	gone, replaced, ok := s.line.offer(v)
	switch {
	case !ok:
		s.refuse(v)
	case replaced:
		s.lose(gone)
	}
	s.drain()
}

// refuse lets go of who was not taken in, and of the source unless that is as it
// should be; what is in the line is still sent, before the error.
func (s *stage[T]) refuse(v T) {
	s.lose(v)
	if s.lossy {
		return
	}
	s.stop()
	s.OnError(ErrOverflow)
}

func (s *stage[T]) lose(v T) {
	if s.dropped != nil {
		s.dropped(v)
	}
}

// OnError implements [Subscriber].
func (s *stage[T]) OnError(err error) {
	if s.done.Load() {
		return
	}
	s.err = err
	s.done.Store(true)
	s.drain()
}

// OnComplete implements [Subscriber].
func (s *stage[T]) OnComplete() { s.OnError(nil) }

// Request implements [Subscription]. An eager stage has nobody waiting for it: who asks
// would only have the turn when the source needs it.
func (s *stage[T]) Request(n int64) {
	if n <= 0 {
		s.illegal.CompareAndSwap(nil, &IllegalRequest{n})
	} else {
		s.demand.add(n)
	}
	if n <= 0 || !s.eager {
		s.drain()
	}
}

// Cancel implements [Subscription].
func (s *stage[T]) Cancel() {
	s.cancelled.Store(true)
	s.drain()
}

func (s *stage[T]) drain() {
	if s.turn.enter() {
		s.run()
	}
}

func (s *stage[T]) run() {
	if s.worker != nil {
		go s.worker()
		return
	}
	s.turn.work(s.step)
}

// send sends what may be sent now.
func (s *stage[T]) send() {
	for s.to != nil && s.one() {
	}
	if s.to == nil && !s.done.Load() {
		s.stop()
	}
}

// one sends one signal and reports whether there may be more.
func (s *stage[T]) one() bool {
	if s.cancelled.Load() {
		s.to = nil
		return false
	}
	if bad := s.illegal.Load(); bad != nil {
		s.end(bad)
		return false
	}
	s.ask()
	done := s.done.Load() // before looking: nobody comes after it
	if done && s.line.empty() {
		s.end(s.err)
		return false
	}
	if !s.demand.any() {
		return false
	}
	v, ok := s.line.take()
	if !ok {
		return false
	}
	s.demand.take()
	s.to.OnNext(v)
	s.replenish()
	return true
}

// ask makes the first request of a source that is asked for no more than fits.
func (s *stage[T]) ask() {
	if up := s.up.Load(); up != nil && s.again > 0 && !s.asked {
		s.asked = true
		(*up).Request(s.first)
	}
}

// replenish asks for as many as were sent on since, once they are enough to be worth it.
func (s *stage[T]) replenish() {
	if s.again == 0 {
		return
	}
	if s.sent++; s.sent == s.again && !s.done.Load() {
		s.sent = 0
		(*s.up.Load()).Request(s.again)
	}
}

// stop cancels the source, once.
func (s *stage[T]) stop() {
	if up := s.up.Load(); up != nil && s.cut.CompareAndSwap(false, true) {
		(*up).Cancel()
	}
}

func (s *stage[T]) end(err error) {
	to := s.to
	s.to = nil
	s.cancelled.Store(true)
	finish(to, err)
}
