package pipelines

import (
	"time"

	"github.com/fcbench/fcbench/internal/units"
)

// SlackConfig describes a queue that looks at how much time its items have left.
type SlackConfig struct {
	Config `yaml:",inline"`
	// Standing is how long the queue has not been empty when it takes overload for
	// lasting, and the newest first.
	Standing units.Duration `yaml:"standing"`
}

// DefaultSlackConfig takes a second of overload for a burst.
func DefaultSlackConfig() SlackConfig {
	return SlackConfig{RoomyConfig(), units.Duration(time.Second)}
}

// slack serves those who will be in time. An item has slack as long as it has more
// time left than nearly all service takes. Of those with slack the oldest is next, so
// that a burst finds much room; but while the queue stands the newest is, because not
// all can be served and it is the surest. Where nobody has slack, the one that lost
// it last is next, so that no worker idles; and who has less time left than hardly
// any service takes is given up.
type slack struct {
	need     func(now time.Duration) (nearly, hardly time.Duration)
	capacity int
	standing time.Duration
	fresh    ring[Item]    // with slack when last looked at
	late     ring[Item]    // without
	empty    time.Duration // when the queue was empty last
	dropped  []Drop        // by the latest call
}

// learner is a slack that knows of service what it has seen.
type learner struct {
	slack
	nearly, hardly quantile
}

// NewSlack returns a queue that is told nothing but the deadlines that items carry.
// It learns from the service that ends how long that takes. It drops its oldest for
// a newcomer.
func NewSlack(c SlackConfig) (Policy, error) {
	s, err := newSlack(c)
	if err != nil {
		return nil, err
	}
	l := &learner{slack: s, nearly: quantile{up: 10, down: 500}, hardly: quantile{up: 200, down: 50}} // the 98th and the 20th
	l.need = func(time.Duration) (nearly, hardly time.Duration) { return l.nearly.at, l.hardly.at }
	return l, nil
}

func newSlack(c SlackConfig) (slack, error) {
	err := c.checked(positive("standing", c.Standing))
	return slack{capacity: int(c.Capacity), standing: c.Standing.Std()}, err
}

// Served implements [Learner].
func (l *learner) Served(_, took time.Duration) {
	l.nearly.see(took)
	l.hardly.see(took)
}

// Len implements [Policy].
func (s *slack) Len() int { return s.fresh.len() + s.late.len() }

// Cap implements [Policy].
func (s *slack) Cap() int { return s.capacity }

// Offer implements [Policy]. Who comes too late to a queue is refused; where there
// is none a worker is free.
func (s *slack) Offer(now time.Duration, it *Item) Answer {
	s.dropped = s.dropped[:0]
	nearly, hardly := s.need(now)
	if s.Len() == 0 {
		s.empty = now
	} else if it.Expired(now + hardly) {
		s.dropped = append(s.dropped, Drop{*it, Expired})
		return Answer{Verdict: Refused, Dropped: s.dropped}
	}
	s.giveUp(now, hardly)
	if s.Len() == s.capacity {
		s.dropped = append(s.dropped, Drop{*s.oldest(), DroppedOldest})
	}
	into := &s.fresh
	if it.Expired(now + nearly) {
		into = &s.late
	}
	place := into.push()
	*place = *it
	place.Enqueued = now
	return Answer{Verdict: Accepted, Dropped: s.dropped}
}

func (s *slack) oldest() *Item {
	if s.late.len() > 0 {
		return s.late.popFront()
	}
	return s.fresh.popFront()
}

// Take implements [Policy].
func (s *slack) Take(now time.Duration, it *Item) (ok bool, shed []Drop) {
	s.dropped = s.dropped[:0]
	nearly, hardly := s.need(now)
	for s.fresh.len() > 0 && s.fresh.at(0).Expired(now+nearly) {
		*s.late.push() = *s.fresh.popFront()
	}
	s.giveUp(now, hardly)
	ok = s.withSlack(now, nearly, hardly, it) || s.without(now, hardly, it)
	if s.Len() == 0 {
		s.empty = now
	}
	return ok, s.dropped
}

// withSlack takes the next of those with slack. Where deadlines are not in the order
// of arrival, some may have lost it.
func (s *slack) withSlack(now, nearly, hardly time.Duration, it *Item) bool {
	for s.fresh.len() > 0 {
		if now-s.empty > s.standing {
			*it = *s.fresh.popBack()
		} else {
			*it = *s.fresh.popFront()
		}
		switch {
		case !it.Expired(now + nearly):
			return true
		case s.hopeless(it, now, hardly):
			s.dropped = append(s.dropped, Drop{*it, Expired})
		default:
			*s.late.push() = *it
		}
	}
	return false
}

// without takes who lost its slack last.
func (s *slack) without(now, hardly time.Duration, it *Item) bool {
	for s.late.len() > 0 {
		*it = *s.late.popBack()
		if !s.hopeless(it, now, hardly) {
			return true
		}
		s.dropped = append(s.dropped, Drop{*it, Expired})
	}
	return false
}

// giveUp drops the oldest of those that are hopeless.
func (s *slack) giveUp(now, hardly time.Duration) {
	for s.late.len() > 0 && s.hopeless(s.late.at(0), now, hardly) {
		s.dropped = append(s.dropped, Drop{*s.late.popFront(), Expired})
	}
}

// hopeless reports whether serving it is no use. Who has just come to a free worker
// is served while there is any time at all.
func (s *slack) hopeless(it *Item, now, hardly time.Duration) bool {
	if it.Enqueued == now {
		hardly = 0
	}
	return it.Expired(now + hardly)
}
