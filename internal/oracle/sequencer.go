package oracle

import "time"

// Sequencer takes observations in the order in which several workers complete
// them and releases them in the order in which the limiter decided. It belongs
// to one goroutine, and holds what is not certain yet: how much that is depends
// on how closely the watermarks follow.
//
// The order is that of At. Among equal instants, admissions come before
// denials, and that can never convict a correct limiter: without time nothing
// is refilled, so what fits only shrinks. All admissions of the instant
// together fitted, hence each of them still fits when they come first; and a
// denial was right when it was given, hence it is right after every admission.
// (It may acquit a wrong one: a denial that was wrong only because a later
// admission of the very same instant took its place.) An errored observation
// goes between: it may have taken what the denied did not get, and can excuse
// no admission. What is left equal keeps the order of arrival.
//
// Observations whose At is unknown form an order of their own, that of Called,
// which is what judging them over intervals needs; its watermark is on the
// run's clock, not on the limiter's.
type Sequencer struct {
	release func(Observation)
	known   line // by At
	unknown line // by Called
	late    int64
}

// line is one order, and the watermark up to which it is settled.
type line struct {
	waiting   heap[pending, *pending]
	pushed    uint64
	watermark time.Duration
}

type pending struct {
	Observation
	place   time.Duration // At, or Called where that is unknown
	arrival uint64
}

// NewSequencer returns a sequencer that hands observations to release, such as
// the Observe of a [Judge].
func NewSequencer(release func(Observation)) *Sequencer {
	return &Sequencer{release: release}
}

// Push takes an observation. One that comes too late, because the watermark
// had passed its place, is released at once as errored and counted. An errored
// one whose instant is unknown is released at once as well: it only says that
// its key is lost, and that can never be said too early.
func (s *Sequencer) Push(o Observation) {
	to, place := &s.known, o.At
	if o.At < 0 {
		to, place = &s.unknown, o.Called
		if o.Errored {
			s.release(o)
			return
		}
	}
	if place < to.watermark {
		s.late++
		o.Errored = true
		s.release(o)
		return
	}
	to.waiting.push(pending{o, place, to.pushed})
	to.pushed++
}

// Advance promises that no observation with an At before watermark is still to
// come, and releases those before it. For a caller that means the earliest
// instant at which a request still in flight can have been decided.
func (s *Sequencer) Advance(watermark time.Duration) { s.advance(&s.known, watermark) }

// AdvanceCalled promises that no observation without an At and with a Called
// before watermark is still to come, and releases those before it. For a caller
// that means the Called of the oldest request still in flight.
func (s *Sequencer) AdvanceCalled(watermark time.Duration) { s.advance(&s.unknown, watermark) }

func (s *Sequencer) advance(l *line, watermark time.Duration) {
	l.watermark = max(l.watermark, watermark)
	for len(l.waiting) > 0 && l.waiting[0].place < l.watermark {
		s.release(l.waiting.pop().Observation)
	}
}

// Flush releases all that is held and leaves the watermarks at the last of it,
// so that what is pushed later but lies before counts as late.
func (s *Sequencer) Flush() {
	for _, l := range []*line{&s.known, &s.unknown} {
		for len(l.waiting) > 0 {
			p := l.waiting.pop()
			l.watermark = max(l.watermark, p.place)
			s.release(p.Observation)
		}
	}
}

// Held is the number of observations that wait for their turn.
func (s *Sequencer) Held() int { return len(s.known.waiting) + len(s.unknown.waiting) }

// Late is the number of observations that came after the watermark had passed them.
func (s *Sequencer) Late() int64 { return s.late }

func (p *pending) before(q *pending) bool {
	if p.place != q.place {
		return p.place < q.place
	}
	if a, b := p.rank(), q.rank(); a != b {
		return a < b
	}
	return p.arrival < q.arrival
}

func (p *pending) rank() int {
	switch {
	case p.Errored:
		return 1
	case p.Allowed:
		return 0
	default:
		return 2
	}
}
