package targets

import (
	"cmp"
	"time"
)

// events are what is still to come, earliest first; of one instant, in the
// order in which they were pushed. It is a binary heap of its own because
// container/heap would allocate a box for every event.
type events[T any] struct {
	heap   []event[T]
	pushed uint64
}

type event[T any] struct {
	at   time.Duration
	turn uint64
	what T
}

func (e *event[T]) before(o *event[T]) bool {
	return cmp.Or(cmp.Compare(e.at, o.at), cmp.Compare(e.turn, o.turn)) < 0
}

func (q *events[T]) len() int { return len(q.heap) }

// push adds what is to happen at the instant at.
func (q *events[T]) push(at time.Duration, what T) {
	q.heap = append(q.heap, event[T]{at, q.pushed, what})
	q.pushed++
	for i := len(q.heap) - 1; i > 0; {
		parent := (i - 1) / 2
		if !q.heap[i].before(&q.heap[parent]) {
			return
		}
		q.heap[i], q.heap[parent] = q.heap[parent], q.heap[i]
		i = parent
	}
}

// due takes out the earliest event that is due at now.
func (q *events[T]) due(now time.Duration) (what T, at time.Duration, ok bool) {
	if len(q.heap) == 0 || q.heap[0].at > now {
		return what, 0, false
	}
	first, last := q.heap[0], len(q.heap)-1
	q.heap[0] = q.heap[last]
	q.heap[last] = event[T]{} // let go of what it holds
	q.heap = q.heap[:last]
	q.sink()
	return first.what, first.at, true
}

// sink lets the first event find its place again.
func (q *events[T]) sink() {
	for i := 0; ; {
		child := 2*i + 1
		if child >= len(q.heap) {
			return
		}
		if right := child + 1; right < len(q.heap) && q.heap[right].before(&q.heap[child]) {
			child = right
		}
		if !q.heap[child].before(&q.heap[i]) {
			return
		}
		q.heap[i], q.heap[child] = q.heap[child], q.heap[i]
		i = child
	}
}

// await goes on to the next instant at which something happens, not past until.
func (q *events[T]) await(env Env, now, until time.Duration) time.Duration {
	if len(q.heap) > 0 && q.heap[0].at < until {
		until = q.heap[0].at
	}
	if until <= now {
		return now
	}
	return env.Wait(now, until)
}
