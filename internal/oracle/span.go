package oracle

import (
	"time"

	"github.com/fcbench/fcbench/internal/events"
)

// span judges one key by the intervals from Called to Returned in which
// decisions were taken at unknown instants, in the order of Called. It holds
// what is in flight at the latest Called and no more.
//
// An admission is wrong if no fit has room for it by its Returned. A denial is
// right if at some instant of its interval there may have been too little room
// for it: if all that was Called by then had been admitted, as late as possible.
type span struct {
	now    time.Duration // the latest Called
	end    time.Duration // the latest Returned
	ids    uint64
	fits   []fit                    // one for each limit
	bound  *bounded                 // what counts instead of the fits, unless it is nil
	upper  model                    // charged with all that may have been admitted; nil where nothing can be said of denials
	flying events.Agenda[admission] // by Returned
	aloft  wide                     // tokens, of those flying
	open   events.Agenda[denial]    // by Returned
	most   int64                    // the cost of an open denial is never above
	recent recent                   // what was certainly admitted in the period
}

// admission is one that has not Returned yet.
type admission struct {
	called, returned time.Duration
	id               uint64
	n                int64
	stray            bool   // came out of order: it may explain, and is not judged
	number           uint64 // in recent
}

// denial is one that nothing has explained so far.
type denial struct {
	called  time.Duration
	n, held int64
}

// newSpan begins empty, which forgives admissions all that came before. Of
// denials nothing can be said if anything did.
func (j *Judge) newSpan(k *ledger) *span {
	s := &span{fits: make([]fit, 1+len(j.also)), recent: recent{period: j.period, only: k}}
	for i := range s.fits {
		s.fits[i] = fit{scale: j.gauge(i).scale}
	}
	if j.bound != nil {
		s.bound = j.bound().(*bounded)
	}
	if j.upper != nil && k.served == none {
		s.upper = j.upper()
	}
	return s
}

// advance moves on to a Called.
func (s *span) advance(j *Judge, k *ledger, at time.Duration) {
	s.giveUp(j, k, at-1)
	s.flying.Settle(at, func(_ time.Duration, a admission) { s.settle(j, k, a) })
	s.now = at
	for i := range s.fits {
		s.fits[i].advance(at)
	}
	if s.upper != nil {
		s.upper.advance(at)
	}
}

// giveUp convicts the denials up to at, which nothing can explain any more.
func (s *span) giveUp(j *Judge, k *ledger, at time.Duration) {
	s.open.Settle(at, func(returned time.Duration, d denial) {
		j.convictBetween(k, d.called, returned, d.n, false, d.held)
	})
}

// admit takes an admission that was Called now, or earlier if it is a stray.
func (s *span) admit(j *Judge, a admission) {
	a.id = s.ids
	s.ids++
	s.end = max(s.end, a.returned)
	s.aloft = s.aloft.Plus(wide{Lo: uint64(a.n)})
	if !a.stray {
		a.number = s.recent.push(j, a.called)
		for i := range s.fits {
			s.fits[i].admit(&a)
		}
		if s.bound != nil {
			s.bound.advance(s.now)
			s.bound.open()
		}
	}
	s.flying.Push(a.returned, a)
	if s.open.Len() > 0 && s.explains(s.most) {
		s.explain()
	}
}

// settle judges an admission once all that comes before it is known.
func (s *span) settle(j *Judge, k *ledger, a admission) {
	s.aloft = s.aloft.Minus(wide{Lo: uint64(a.n)})
	if s.upper != nil {
		s.upper.take(a.returned, a.n, 0)
	}
	if a.stray {
		return
	}
	room := s.room(j, k, &a)
	if a.n > room {
		j.convictBetween(k, a.called, a.returned, a.n, true, room)
	}
	if !j.lost(k) {
		j.pace(k, true, false, a.returned, true)
	}
	k.served = a.returned
	s.recent.expire(j, a.returned-j.resolution)
	j.most.AtLeast = j.most.AtLeast || a.returned > a.called
	j.highest(k, a.returned-j.resolution, s.recent.count(j, k, a.number, a.n))
}

// room puts a into the fits, and says how much would have fitted in its place.
func (s *span) room(j *Judge, k *ledger, a *admission) int64 {
	room := int64(never)
	for i := range s.fits {
		f := &s.fits[i]
		level := f.settle(a)
		if j.family != queues && level != (wide{}) { // what leaves a queue leaves later
			j.gauge(i).reach(level.Plus(j.blurred(f.scale)), k.key, f.start, a.returned-j.resolution, f.tokens)
		}
		if s.bound == nil && level.Over(f.capacity) {
			room = min(room, roomBetween(level.Minus(product(a.n, f.period)), f.capacity, f.period))
		}
	}
	if s.bound != nil {
		room = s.bound.within(a.called, a.returned)
		s.bound.add(a.called, a.n)
	}
	return room
}

// deny takes a denial that was Called now.
func (s *span) deny(j *Judge, k *ledger, called, returned time.Duration, n int64) {
	s.end = max(s.end, returned)
	switch {
	case s.explains(n):
	case returned == s.now: // nothing is still to come
		j.convictBetween(k, called, returned, n, false, s.held())
	default:
		s.open.Push(returned, denial{called, n, s.held()})
		s.most = max(s.most, n)
	}
}

// explains says whether there may be too little room for n now.
func (s *span) explains(n int64) bool {
	if s.upper == nil {
		return true
	}
	room := s.upper.room()
	return room < 0 || s.aloft.Plus(wide{Lo: uint64(n)}).Over(wide{Lo: uint64(room)})
}

// held is how much may be left when all that flies is admitted.
func (s *span) held() int64 {
	return roomBetween(s.aloft, wide{Lo: uint64(s.upper.room())}, 1)
}

// explain lets go of the open denials that can be explained now.
func (s *span) explain() {
	s.most = 0
	s.open.Keep(func(_ time.Duration, d *denial) bool {
		if s.explains(d.n) {
			return false
		}
		s.most = max(s.most, d.n)
		return true
	})
}

// finish settles everything, as if nothing more were to come before the last Returned.
func (s *span) finish(j *Judge, k *ledger) {
	s.advance(j, k, max(s.end, s.now))
	s.giveUp(j, k, events.Forever)
}

// gone reports that nothing of what was admitted can matter from at on, which is later
// than all that has Returned.
func (s *span) gone(j *Judge, k *ledger, at time.Duration) bool {
	if at <= s.end {
		return false
	}
	s.finish(j, k)
	s.advance(j, k, at)
	s.recent.expire(j, at)
	for i := range s.fits {
		if f := &s.fits[i]; f.level != (wide{}) || f.jobs.Len() > 0 {
			return false
		}
	}
	return (s.upper == nil || s.upper.gone(at)) && (s.bound == nil || s.bound.gone(at))
}
