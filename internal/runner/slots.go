package runner

import "time"

// slot remembers one request in flight. Slots live in one array; a request's
// token is its index, so nothing is allocated per request.
type slot struct {
	intended time.Duration
	released time.Duration // for the first time
	called   time.Duration // the latest attempt
	refused  time.Duration // when that was refused
	deadline time.Duration // of the latest attempt
	seq      uint64
	size     int
	key      string
	keyID    uint32
	cost     int64
	older    uint32 // neighbours in order of release, while linked
	newer    uint32
	attempt  uint32 // the latest, from 1
	class    uint8
	mode     uint8  // who refused it
	status   uint16 // and what it said
	cause    string
	unread   bool // it asked to wait in words that were not understood
	measured bool
	state    slotState
}

type slotState uint8

const (
	idle      slotState = iota
	calling             // inside Start
	pending             // Start returned; linked in order of release
	abandoned           // its caller timed out; the target still holds the token
	resting             // refused, and about to ask again
)

const none = ^uint32(0)

// slots is the table of requests in flight: a stack of free tokens and a list
// of the pending ones, oldest first, through the slots themselves. The timeout
// is the same for all, so the oldest is also the first to expire.
type slots struct {
	all    []slot
	free   []uint32
	oldest uint32
	newest uint32
}

func newSlots(n int) slots {
	s := slots{all: make([]slot, n), free: make([]uint32, n), oldest: none, newest: none}
	for i := range s.free {
		s.free[i] = uint32(n - 1 - i)
	}
	return s
}

// take returns a free token; ok is false when every slot is in flight.
func (s *slots) take() (token uint32, ok bool) {
	n := len(s.free) - 1
	if n < 0 {
		return 0, false
	}
	token = s.free[n]
	s.free = s.free[:n]
	return token, true
}

func (s *slots) give(token uint32) {
	s.all[token].state = idle
	s.free = append(s.free, token)
}

// link makes token the newest of the pending ones.
func (s *slots) link(token uint32) {
	q := &s.all[token]
	q.state, q.older, q.newer = pending, s.newest, none
	if s.newest == none {
		s.oldest = token
	} else {
		s.all[s.newest].newer = token
	}
	s.newest = token
}

func (s *slots) unlink(token uint32) {
	q := &s.all[token]
	if q.older == none {
		s.oldest = q.newer
	} else {
		s.all[q.older].newer = q.newer
	}
	if q.newer == none {
		s.newest = q.older
	} else {
		s.all[q.newer].older = q.older
	}
}
