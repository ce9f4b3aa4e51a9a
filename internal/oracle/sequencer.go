package oracle

import "time"

// Sequencer takes observations in the order in which several workers complete
// them and releases them in the order in which the limiter decided. It belongs
// to one goroutine, and holds what is not certain yet: how much that is depends
// on how closely the watermark follows.
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
type Sequencer struct {
	release   func(Observation)
	heap      []pending
	pushed    uint64
	watermark time.Duration
	late      int64
}

type pending struct {
	Observation
	arrival uint64
}

// NewSequencer returns a sequencer that hands observations to release, such as
// the Observe of a [Judge].
func NewSequencer(release func(Observation)) *Sequencer {
	return &Sequencer{release: release}
}

// Push takes an observation. One whose instant is unknown is released at once.
// So is one that comes too late, because the watermark had passed its instant;
// its place in the order is lost, so it is released as errored and counted.
func (s *Sequencer) Push(o Observation) {
	if o.At < s.watermark {
		if o.At >= 0 {
			s.late++
			o.Errored = true
		}
		s.release(o)
		return
	}
	s.heap = append(s.heap, pending{o, s.pushed})
	s.pushed++
	s.up(len(s.heap) - 1)
}

// Advance promises that no observation with an At before watermark is still to
// come, and releases those before it. For a caller that means the earliest
// instant at which a request still in flight can have been decided.
func (s *Sequencer) Advance(watermark time.Duration) {
	s.watermark = max(s.watermark, watermark)
	for len(s.heap) > 0 && s.heap[0].At < s.watermark {
		s.release(s.pop())
	}
}

// Flush releases all that is held and leaves the watermark at the last of it,
// so that what is pushed later but lies before counts as late.
func (s *Sequencer) Flush() {
	for len(s.heap) > 0 {
		o := s.pop()
		s.watermark = max(s.watermark, o.At)
		s.release(o)
	}
}

// Held is the number of observations that wait for their turn.
func (s *Sequencer) Held() int { return len(s.heap) }

// Late is the number of observations that came after the watermark had passed them.
func (s *Sequencer) Late() int64 { return s.late }

func (p *pending) before(q *pending) bool {
	if p.At != q.At {
		return p.At < q.At
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

// up and pop are those of a binary heap; container/heap would allocate a box
// for every observation.
func (s *Sequencer) up(i int) {
	for i > 0 {
		parent := (i - 1) / 2
		if !s.heap[i].before(&s.heap[parent]) {
			return
		}
		s.heap[i], s.heap[parent] = s.heap[parent], s.heap[i]
		i = parent
	}
}

func (s *Sequencer) pop() Observation {
	first, last := s.heap[0].Observation, len(s.heap)-1
	s.heap[0] = s.heap[last]
	s.heap[last] = pending{} // let go of the key
	s.heap = s.heap[:last]
	for i := 0; ; {
		child := 2*i + 1
		if child >= last {
			return first
		}
		if right := child + 1; right < last && s.heap[right].before(&s.heap[child]) {
			child = right
		}
		if !s.heap[child].before(&s.heap[i]) {
			return first
		}
		s.heap[i], s.heap[child] = s.heap[child], s.heap[i]
		i = child
	}
}
