package live

import (
	"sync/atomic"
	"time"

	"github.com/fcbench/fcbench/pipelines"
)

// Seat is where one goroutine waits, at one queue at a time. It is made once.
type Seat struct {
	Items []pipelines.Item // what was taken
	wake  chan struct{}
	at    time.Duration
	ok    bool

	most   int           // how many it takes at once, of those that are there when its waiting ends
	batch  *atomic.Int64 // that number, where it may change meanwhile; or nil
	inHand bool          // it counts among those that have items in hand
	from   time.Duration // service begins no earlier
	next   *Seat         // in the line in which it stands
	before int           // at a door: how many stand before it with whom nobody waits
}

// NewSeat returns a seat.
func NewSeat() *Seat { return &Seat{Items: make([]pipelines.Item, 1), wake: make(chan struct{}, 1)} }

// atOnce is how many it takes when its waiting ends.
func (s *Seat) atOnce() int {
	if s.batch != nil {
		return int(s.batch.Load())
	}
	return s.most
}

// place is where the n-th item goes that is taken.
func (s *Seat) place(n int) *pipelines.Item {
	if n == cap(s.Items) {
		s.Items = append(s.Items[:n], pipelines.Item{})
	}
	s.Items = s.Items[:n+1]
	return &s.Items[n]
}

// call ends the waiting, which may not have begun yet.
func (s *Seat) call(at time.Duration, ok bool) {
	s.at, s.ok = at, ok
	s.wake <- struct{}{}
}

func (s *Seat) wait() (at time.Duration, ok bool) {
	<-s.wake
	return s.at, s.ok
}

// line is who stands at a door, in the order of arrival: items whose senders wait
// with them, and others.
type line struct {
	first, last *Seat
	behind      int // others behind the last seat
}

// enter lets a sender stand at the back; nil is an item without one.
func (l *line) enter(s *Seat) {
	if s == nil {
		l.behind++
		return
	}
	s.next, s.before, l.behind = nil, l.behind, 0
	if l.first == nil {
		l.first = s
	} else {
		l.last.next = s
	}
	l.last = s
}

// leave lets the first n go on.
func (l *line) leave(n int, at time.Duration, goesOn bool) {
	for s := l.first; s != nil && n > s.before; s = l.first {
		n -= s.before + 1
		l.first = s.next
		s.call(at, goesOn)
	}
	if l.first != nil {
		l.first.before -= n
	} else {
		l.behind -= n
	}
}
