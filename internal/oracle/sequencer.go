package oracle

import (
	"time"

	"github.com/fcbench/fcbench/internal/events"
)

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
}

// line is one order, and the watermark up to which it is settled.
type line struct {
	waiting   events.Agenda[Observation]
	watermark time.Duration
}

// NewSequencer returns a sequencer that hands observations to release, such as
// the Observe of a [Judge].
func NewSequencer(release func(Observation)) *Sequencer {
	return &Sequencer{release: release}
}

// Push takes an observation. One that comes too late, because the watermark
// had passed its place, is released at once as errored. An errored one whose instant is unknown is released at once as well: it only says that
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
		o.Errored = true
		s.release(o)
		return
	}
	to.waiting.PushRanked(place, o.rank(), o)
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
	l.waiting.Settle(l.watermark-1, func(_ time.Duration, o Observation) { s.release(o) })
}

// Flush releases all that is held and leaves the watermarks at the last of it,
// so that what is pushed later but lies before counts as late.
func (s *Sequencer) Flush() {
	for _, l := range []*line{&s.known, &s.unknown} {
		l.waiting.Settle(events.Forever, func(place time.Duration, o Observation) {
			l.watermark = max(l.watermark, place)
			s.release(o)
		})
	}
}

// rank is the place of o among those of one instant, the lowest first.
func (o *Observation) rank() uint8 {
	switch {
	case o.Errored:
		return 1
	case o.Allowed:
		return 0
	default:
		return 2
	}
}
