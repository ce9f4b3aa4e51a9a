package pipelines

import "time"

// head knows how long the oldest has waited, at the door and inside, whatever the order
// in which a policy takes. It costs each item some nanoseconds, and has to be wanted.
type head struct {
	since []time.Duration // by token: when it came, if it is there
	line  ring[stay]      // in the order in which they came, with some who have gone
	n     int             // who are there
}

type stay struct {
	token uint32
	since time.Duration
}

const gone = time.Duration(-1)

// Watch makes the queue know what Oldest asks, of all that is offered from then on.
func (q *Queue) Watch() { q.head = new(head) }

// Oldest is how long who has waited longest, inside or at the door, has done so at now; 0 where
// nobody waits. Only a queue that is watched knows.
func (q *Queue) Oldest(now time.Duration) time.Duration {
	if q.head == nil {
		return 0
	}
	first := q.head.first()
	if first == nil {
		return 0
	}
	return now - first.since
}

func (h *head) enter(now time.Duration, token uint32) {
	for int(token) >= len(h.since) {
		h.since = append(h.since, gone)
	}
	h.since[token], h.n = now, h.n+1
	*h.line.push() = stay{token, now}
	if h.line.len() > 2*h.n+least {
		h.tidy()
	}
}

func (h *head) leave(token uint32) {
	h.since[token], h.n = gone, h.n-1
	h.first()
}

// first is who has waited longest, after those in front who have gone. One that came back
// is there since then, and not since it came first.
func (h *head) first() *stay {
	for h.line.len() > 0 {
		if first := h.line.at(0); h.there(first) {
			return first
		}
		h.line.popFront()
	}
	return nil
}

func (h *head) there(s *stay) bool { return h.since[s.token] == s.since }

// tidy drops all who have gone, once they are the most.
func (h *head) tidy() {
	for range h.line.len() {
		if s := *h.line.popFront(); h.there(&s) {
			*h.line.push() = s
		}
	}
}
