package results

import (
	"math"
	"time"
)

// Relay is the shards of one loop, which take turns, so that what the loop
// measured can be read while it goes on. Together they count exactly what one
// shard alone would have counted, whenever they took turns.
//
// The loop records into one of them. To read it, another goroutine prepares the
// turn, the loop takes it, which costs it some microseconds, and the other
// goroutine collects what was measured until then:
//
//	Prepare   the reader: makes the next shard, or finds it made
//	Turn      the loop, between two arrivals: goes on with the next shard
//	Collect   the reader: adds up what it may now read
//
// Whoever calls them sees to it that each happens after the one before. A loop
// whose turn never comes has one shard; else it has three, however often it comes.
type Relay struct {
	active *Shard // the loop records into it
	next   *Shard // is empty until the turn, and what there is to collect after it
	sum    *Shard // of all that was collected; nil before
}

// Pending is an arrival that was offered and has no outcome yet.
type Pending struct {
	Intended time.Duration
	Cost     int64
	KeyID    uint32
	Class    uint8
}

// NewRelay returns a relay of which nothing is measured yet.
func NewRelay(o Options) *Relay { return &Relay{active: NewShard(o)} }

// Shard is what the loop records into until its next turn.
func (r *Relay) Shard() *Shard { return r.active }

// Prepare makes all that a turn needs.
func (r *Relay) Prepare() {
	if r.next == nil {
		r.next = NewShard(r.active.options)
	}
	if r.sum != nil {
		r.next.keys.grow(len(r.sum.keys.tokens))
	}
	r.next.makeRoom(Look([]*Live{r.active.Live()}), r.active.Live().watched.Load())
	if r.next.causes.counts == nil {
		r.next.causes.counts = make(map[cause]uint64, maxCauses+len(Outcomes))
	}
}

// Turn returns the shard that the loop records into from now on. What it has in
// flight ends there.
func (r *Relay) Turn() *Shard {
	r.next.follow(r.active)
	r.active, r.next = r.next, r.active
	return r.active
}

// Collect adds up what was measured before the turn.
func (r *Relay) Collect() {
	if r.sum == nil {
		r.sum, r.next = r.next, nil
		return
	}
	r.sum.extend(&r.next.tally)
	r.next.reset()
}

// Collected is what was measured before the last turn; nil where there was none.
func (r *Relay) Collected() *Shard { return r.sum }

// Total is all of it, once the loop has ended, which does not go on.
func (r *Relay) Total() *Shard {
	if r.sum == nil {
		return r.active
	}
	r.sum.extend(&r.active.tally)
	r.active, r.next, r.sum = r.sum, nil, nil
	return r.active
}

// follow makes s, which is empty, go on where old is. It allocates nothing.
func (s *Shard) follow(old *Shard) {
	s.inFlight, s.peak, s.records, s.before, s.live = old.inFlight, old.peak, old.records, old.progress(), old.live
	s.series.width, s.series.used = old.series.width, old.series.used
	// Which causes have a name depends on those that came first, so they are counted
	// on, and what was counted until now is copied.
	s.causes, old.causes = old.causes, s.causes
	old.causes.become(&s.causes)
}

// makeRoom makes the buckets of what there mostly was before, so that the loop
// need not.
func (t *tally) makeRoom(before Snapshot, watched bool) {
	var needed []*recorder
	if before.OK > 0 {
		for i := range t.classes {
			needed = append(needed, &t.classes[i].response)
		}
		for i := range t.kinds {
			needed = append(needed, &t.kinds[i].response)
		}
		needed = append(needed, &t.latency[OK].service, &t.latency[OK].sendDelay)
	}
	if t.options.Phases && before.OK > 0 {
		for i := range t.phases {
			needed = append(needed, &t.phases[i])
		}
	}
	if watched {
		needed = append(needed, &t.undelayed)
	}
	if d := &t.latency[Rejected]; before.Rejected > 0 {
		needed = append(needed, &d.response, &d.service, &d.sendDelay)
	}
	for _, r := range needed {
		if r.counts == nil {
			r.open(t.highest)
		}
	}
	if t.statuses.counts == nil {
		t.statuses.counts = make([]uint64, statusEnd)
	}
}

// reset empties t, but for its causes, and keeps the room there is.
func (t *tally) reset() {
	for i := range t.classes {
		c := &t.classes[i]
		*c = class{response: c.response.emptied()}
	}
	for i := range t.kinds {
		t.kinds[i] = class{response: t.kinds[i].response.emptied()}
	}
	for o, d := range t.latency {
		t.latency[o] = durations{d.response.emptied(), d.service.emptied(), d.sendDelay.emptied()}
	}
	for i := range t.phases {
		t.phases[i] = t.phases[i].emptied()
	}
	t.undelayed, t.noted = t.undelayed.emptied(), 0
	t.answers, t.negative, t.unread, t.statuses.beyond = answers{}, 0, 0, 0
	clear(t.decisions[:])
	clear(t.statuses.counts)
	clear(t.keys.tokens)
	t.keys.high, t.keys.untracked = nil, 0
	t.series.reset()
}

// emptied is r without its values. What it returns has the buckets of r.
func (r *recorder) emptied() (e recorder) {
	if r.counts != nil {
		clear(r.counts)
		e.counts, e.min = r.counts, math.MaxInt64
	}
	return e
}

// reset empties s, which has been folded.
func (s *series) reset() {
	clear(s.rows[:])
	s.used, s.due, s.done = 0, cursor{}, cursor{}
}

// withdraw forgets that an arrival was offered.
func (t *tally) withdraw(p *Pending) {
	t.class(p.Class).offered--
	t.keys.withdraw(p.KeyID, p.Cost)
	t.series.rows[max(p.Intended-t.series.origin, 0)/t.series.width].offered--
}
