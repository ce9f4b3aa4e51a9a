package results

import (
	"sync/atomic"
	"time"
)

// Shard is what one loop measured. It belongs to that loop alone: no method
// but Live may be called from another goroutine. A shard takes about a
// megabyte, so it belongs to a loop and never to a connection or a worker.
type Shard struct {
	tally
	inFlight int64
	peak     int64 // of the interval of the last Offer, before it
	records  uint64
	before   progress // what the shards before it counted, of a [Relay]
	live     *Live
	own      Live // what live points to, unless there was a shard before
}

// progress is what the live view counts.
type progress struct{ offered, ok, rejected, ended uint64 }

// Live is a recent view of a shard, for another goroutine to read while the
// run lasts. Its fields are each true, but not all of the same instant.
type Live struct {
	Offered, OK, Rejected, Other atomic.Uint64
	InFlight                     atomic.Int64
	P99NS                        atomic.Int64 // response time of ok in the last interval that ended
	watched                      atomic.Bool  // answers are
}

// Snapshot is what there is of a run so far, over all its shards.
type Snapshot struct {
	Offered, OK, Rejected, Other uint64
	InFlight                     int64
	P99                          time.Duration // response time of ok lately, of the slowest shard
}

// Look adds up the recent views of shards.
func Look(all []*Live) (s Snapshot) {
	for _, l := range all {
		s.Offered += l.Offered.Load()
		s.OK += l.OK.Load()
		s.Rejected += l.Rejected.Load()
		s.Other += l.Other.Load()
		s.InFlight += l.InFlight.Load()
		s.P99 = max(s.P99, time.Duration(l.P99NS.Load()))
	}
	return s
}

// publishEvery is how many records may pass before the live view is renewed.
const publishEvery = 256

// NewShard returns an empty shard.
func NewShard(o Options) *Shard {
	s := new(Shard)
	s.live = &s.own
	s.open(o)
	return s
}

// Live returns the view that other goroutines may read.
func (s *Shard) Live() *Live { return s.live }

// Offer counts an arrival of the measured window, when the loop hands it over
// or gives it up as unsent. One Record follows every Offer.
func (s *Shard) Offer(intended time.Duration, class uint8, keyID uint32, cost int64) {
	s.class(class).offered++
	s.keys.offer(keyID, cost)
	if !s.series.due.holds(intended) {
		s.seek(&s.series.due, intended)
	}
	s.inFlight++
	row := &s.series.rows[s.series.due.index]
	row.offered++
	s.peak = row.inFlight
	row.inFlight = max(row.inFlight, s.inFlight)
}

// Record counts the end of an arrival that was offered before.
func (s *Shard) Record(m *Sample) {
	c := s.class(m.Class)
	c.outcomes[m.Outcome]++
	if m.Cause != "" && m.Outcome != OK {
		s.causes.add(m.Outcome, m.Cause, 1)
	}
	if m.Status != 0 {
		s.statuses.note(m.Status)
	}
	if m.RetryUnread {
		s.unread++
	}
	if m.Outcome == Unsent {
		s.note(m, 0)
		s.unsent(m)
		return
	}
	response, service, delay := int64(m.ResponseTime()), int64(m.ServiceTime()), int64(m.SendDelay())
	if response|service|delay < 0 {
		s.negative++
		response, service, delay = max(response, 0), max(service, 0), max(delay, 0)
	}
	s.note(m, response)
	if m.Phases != nil {
		s.phases.note(m.Phases, s.highest)
	}
	l := &s.latency[m.Outcome]
	l.service.record(service, s.highest)
	l.sendDelay.record(delay, s.highest)
	row := s.seen(m.Done)
	switch m.Outcome {
	case OK:
		s.ok(c, m, response)
		row.ok++
	case Rejected:
		s.decisions[m.Mode]++
		l.response.record(response, s.highest)
		s.answers.note(m.Done, s.end)
		row.rejected++
	default:
		l.response.record(response, s.highest)
		if m.Outcome != TimedOut {
			s.answers.note(m.Done, s.end)
		}
		row.other++
	}
	s.ended()
}

// note counts an arrival by its kind of request, where there are several.
func (s *Shard) note(m *Sample, response int64) {
	if len(s.kinds) > 0 {
		s.kinds[m.Kind].note(m, response, s.highest)
	}
}

// ok counts what only admitted arrivals have.
func (s *Shard) ok(c *class, m *Sample, response int64) {
	c.response.record(response, s.highest)
	s.answers.note(m.Done, s.end)
	if m.Watched {
		s.undelayed.record(int64(m.undelayed()), s.highest)
		if m.Own > 0 {
			s.noted++
		}
	}
	if response <= s.slo {
		s.answers.good(m.Done, s.end)
		if s.options.KeyGoodput {
			s.keys.admitInTime(m.KeyID, m.Cost)
		}
	}
	s.decisions[m.Mode]++
	s.keys.admit(m.KeyID, m.Cost)
	s.series.push(s.series.done.index, response)
}

// unsent counts an arrival that was given up, at the instant it was due. It
// was never in flight, so the peak its Offer may have made is not one.
func (s *Shard) unsent(m *Sample) {
	if !s.series.due.holds(m.Intended) {
		s.seek(&s.series.due, m.Intended)
	}
	row := &s.series.rows[s.series.due.index]
	row.other++
	row.inFlight = s.peak
	s.ended()
}

// seen returns the interval of the instant done, having noted how many were in
// flight until then.
func (s *Shard) seen(done time.Duration) *row {
	if !s.series.done.holds(done) {
		s.seek(&s.series.done, done)
	}
	row := &s.series.rows[s.series.done.index]
	row.inFlight = max(row.inFlight, s.inFlight)
	return row
}

// ended takes one arrival out of flight and renews the live view now and then.
func (s *Shard) ended() {
	s.inFlight--
	s.records++
	if s.records%publishEvery == 0 {
		s.publish()
	}
}

// seek moves a cursor and, when an interval has ended, renews the live view.
func (s *Shard) seek(c *cursor, at time.Duration) {
	if at < s.options.Warmup {
		s.negative++
	}
	closed := s.series.seek(c, at, s.inFlight)
	if closed < 0 {
		return
	}
	s.series.fold()
	if p99 := s.series.rows[closed].response.at(p99); p99 > 0 {
		s.live.P99NS.Store(p99)
	}
	s.publish()
}

// publish renews the counts of the live view.
func (s *Shard) publish() {
	p := s.progress()
	s.live.Offered.Store(p.offered)
	s.live.OK.Store(p.ok)
	s.live.Rejected.Store(p.rejected)
	s.live.Other.Store(p.ended - p.ok - p.rejected)
	s.live.InFlight.Store(s.inFlight)
	if !s.undelayed.empty() {
		s.live.watched.Store(true)
	}
}

// progress counts what this shard and those before it have seen.
func (s *Shard) progress() progress {
	p := s.before
	for i := range s.classes {
		c := &s.classes[i]
		p.offered, p.ok, p.rejected, p.ended = p.offered+c.offered, p.ok+c.outcomes[OK], p.rejected+c.outcomes[Rejected], p.ended+c.ended()
	}
	return p
}
