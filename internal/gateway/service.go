package gateway

import (
	"sync"
	"time"

	"github.com/fcbench/fcbench/generators"
	"github.com/fcbench/fcbench/internal/seed"
)

// service is what takes time behind the limiter.
type service struct {
	clock  Clock
	law    generators.Law // nil for no time
	draws  seed.Stream
	errors []errorPlan
	fates  seed.Stream

	mu      sync.Mutex
	station *station
	taken   uint64
}

// job is a request in service.
type job struct {
	seq    uint64 // among those that were served, from 0
	end    time.Duration
	waits  bool // not answered at once
	status int  // of an error on purpose; 0 for none
}

func newService(p *Plan, c Clock, stream seed.Stream) *service {
	return &service{
		clock: c, law: p.law, draws: stream.Sub("service"), errors: p.errors, fates: stream.Sub("errors"),
		station: newStation(p.servers, p.queue, p.calendar),
	}
}

// take lets delay pass and takes a request in, unless all places are taken.
func (s *service) take(delay time.Duration) (job, bool) {
	var due time.Duration
	if delay > 0 {
		due = s.clock.Now() + delay
		s.clock.Wait(due)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	now := due
	if delay <= 0 {
		now = s.clock.Now() // in the order in which they enter
	}
	j := job{seq: s.taken}
	var ok bool
	if j.end, ok = s.station.enter(now, s.need); ok {
		j.waits = delay > 0 || j.end > now
		j.status = s.fate(j.seq, now)
		s.taken++
	}
	return j, ok
}

// need is how long the next service takes.
func (s *service) need() time.Duration {
	if s.law == nil {
		return 0
	}
	return time.Duration(s.law.Draw(s.draws, s.taken))
}

// fate is the status of the error that meets a request; 0 for none.
func (s *service) fate(seq uint64, now time.Duration) int {
	for i := range s.errors {
		if e := &s.errors[i]; e.at(now) && e.meets(s.fates.Index(uint64(i)).Uint64(seq)) {
			return e.status
		}
	}
	return 0
}
