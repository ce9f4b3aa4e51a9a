package live

import "time"

// crew is how many workers of a queue may have items in hand at once, and do. It is
// under the lock of its queue.
type crew struct {
	limited bool // else all that there are may
	most    int
	inHand  int
	busy    time.Duration // worker time with items in hand, up to at; only of those that are limited
	at      time.Duration
}

func (c *crew) room() bool { return !c.limited || c.inHand < c.most }

// until counts the time that has gone by.
func (c *crew) until(now time.Duration) time.Duration {
	c.busy += time.Duration(c.inHand) * (now - c.at)
	c.at = now
	return c.busy
}

// change lets n workers more have items in hand at now, or fewer.
func (c *crew) change(now time.Duration, n int) {
	if c.limited {
		c.until(now)
	}
	c.inHand += n
}

// SetCrew lets no more than n workers at once take items from now on. Those that have
// more in hand finish them.
func (q *Queue) SetCrew(now time.Duration, n int) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.now = max(q.now, now)
	if !q.crew.limited {
		q.crew.at = q.now
	}
	q.crew.limited, q.crew.most = true, n
	for s := q.idle; s != nil; s = s.next {
		s.from = q.now // what they take now may be there for long, while they rested
	}
	if !q.over {
		q.serve()
	}
}

// watch is what controllers want to know of a queue.
func (q *Queue) watch(now time.Duration) (oldest time.Duration, queued int, busy time.Duration, crew int) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.now = max(q.now, now)
	return q.queue.Oldest(q.now), q.queue.Len() + q.queue.Waiting(), q.crew.until(q.now), q.crew.most
}
