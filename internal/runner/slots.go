package runner

import (
	"slices"
	"time"

	"github.com/fcbench/fcbench/results"
)

// slot remembers one attempt in flight, or an arrival that is about to be tried
// again. Slots live in one array; a request's token is its index, so nothing is
// allocated per request.
type slot struct {
	intended time.Duration
	released time.Duration // for the first time
	due      time.Duration // when the latest attempt was: intended, or when its wait was over
	called   time.Duration // when it was made
	ended    time.Duration // when it ended, where another one follows
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
	kind     uint8
	mode     uint8           // who decided it,
	outcome  results.Outcome // how it ended,
	status   uint16          // what was said
	cause    string          // and why, where another one follows
	unread   bool            // it asked to wait in words that were not understood
	measured bool
	state    slotState
}

type slotState uint8

const (
	idle      slotState = iota
	calling             // inside Start
	pending             // Start returned; linked in order of release
	abandoned           // its caller timed out; the target still holds the token
	resting             // about to be tried again
)

const none = ^uint32(0)

// slots is the table of what is in flight: a stack of free tokens and, for each
// timeout there is, a list of the pending ones through the slots themselves,
// oldest first. Those of one list have one timeout, so the oldest is also the
// first to expire.
type slots struct {
	all   []slot
	free  []uint32
	lists []list
	of    []uint8 // the list of a class; the last is for all further classes
}

type list struct {
	timeout time.Duration
	oldest  uint32
	newest  uint32
}

// newSlots returns n free slots for classes with these timeouts.
func newSlots(n int, timeouts []time.Duration) slots {
	s := slots{all: make([]slot, n), free: make([]uint32, n)}
	for i := range s.free {
		s.free[i] = uint32(n - 1 - i)
	}
	for _, d := range timeouts {
		i := slices.IndexFunc(s.lists, func(l list) bool { return l.timeout == d })
		if i < 0 {
			i = len(s.lists)
			s.lists = append(s.lists, list{d, none, none})
		}
		s.of = append(s.of, uint8(i))
	}
	return s
}

// list is that of a class.
func (s *slots) list(class uint8) *list {
	return &s.lists[s.of[min(int(class), len(s.of)-1)]]
}

// take returns a free token; ok is false when every slot is in use.
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

// link makes token the newest of the pending ones of its timeout.
func (s *slots) link(token uint32) {
	q := &s.all[token]
	l := s.list(q.class)
	q.state, q.older, q.newer = pending, l.newest, none
	if l.newest == none {
		l.oldest = token
	} else {
		s.all[l.newest].newer = token
	}
	l.newest = token
}

func (s *slots) unlink(token uint32) {
	q := &s.all[token]
	l := s.list(q.class)
	if q.older == none {
		l.oldest = q.newer
	} else {
		s.all[q.older].newer = q.newer
	}
	if q.newer == none {
		l.newest = q.older
	} else {
		s.all[q.newer].older = q.older
	}
}

// first is the pending one that expires first, or none.
func (s *slots) first() uint32 {
	first := none
	for i := range s.lists {
		if o := s.lists[i].oldest; o != none && (first == none || s.all[o].deadline < s.all[first].deadline) {
			first = o
		}
	}
	return first
}

// oldest is when the oldest of the pending ones was called; now where there is none.
func (s *slots) oldest(now time.Duration) time.Duration {
	for i := range s.lists {
		if o := s.lists[i].oldest; o != none {
			now = min(now, s.all[o].called)
		}
	}
	return now
}
