package gateway

import "time"

// station is so many servers behind one bounded queue, first come, first served.
// Since it is told how long each service takes when that arrives, it knows at once
// when it ends.
type station struct {
	calendar calendar
	places   int             // in the queue
	free     []time.Duration // when each server is free: a heap; empty: a server for each
	begins   []time.Duration // of those who wait, ascending: a ring
	head, n  int
	last     time.Duration
}

func newStation(servers, places int, c calendar) *station {
	return &station{calendar: c, places: places, free: make([]time.Duration, servers), begins: make([]time.Duration, places)}
}

// enter is when the service ends of who arrives at now, unless all places are taken.
// Arrivals before an earlier one count as of that instant. need is asked for who gets in.
func (s *station) enter(now time.Duration, need func() time.Duration) (end time.Duration, ok bool) {
	now = max(now, s.last)
	s.last = now
	if len(s.free) == 0 {
		return s.calendar.end(now, need()), true
	}
	for s.n > 0 && s.begins[s.head] <= now {
		s.head, s.n = (s.head+1)%len(s.begins), s.n-1
	}
	begin := s.calendar.end(max(now, s.free[0]), 0)
	if begin > now {
		if s.n == s.places {
			return 0, false
		}
		s.begins[(s.head+s.n)%len(s.begins)] = begin
		s.n++
	}
	s.free[0] = s.calendar.end(begin, need())
	end = s.free[0]
	s.sink()
	return end, true
}

// sink restores the heap after its first has become later.
func (s *station) sink() {
	for i := 0; ; {
		least := i
		for child := 2*i + 1; child <= 2*i+2 && child < len(s.free); child++ {
			if s.free[child] < s.free[least] {
				least = child
			}
		}
		if least == i {
			return
		}
		s.free[i], s.free[least] = s.free[least], s.free[i]
		i = least
	}
}
