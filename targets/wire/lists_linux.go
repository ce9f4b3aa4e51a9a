package wire

import (
	"time"

	"github.com/fcbench/fcbench/targets"
)

// list is the connections that take a request. The one that did longest ago is
// first, so that all are used alike.
type list struct{ first, last *conn }

func (l *list) push(c *conn) {
	c.free, c.older, c.newer = true, l.last, nil
	if l.last == nil {
		l.first = c
	} else {
		l.last.newer = c
	}
	l.last = c
}

func (l *list) remove(c *conn) {
	if c.older == nil {
		l.first = c.newer
	} else {
		c.older.newer = c.newer
	}
	if c.newer == nil {
		l.last = c.older
	} else {
		c.newer.older = c.older
	}
	c.free = false
}

// line is the requests that wait, first come, first served: a ring that grows.
type line struct {
	all  []targets.Request
	head int
	n    int
}

func (l *line) push(r *targets.Request) {
	if l.n == len(l.all) {
		more := make([]targets.Request, max(16, 2*len(l.all)))
		for i := range l.n {
			more[i] = l.all[(l.head+i)%len(l.all)]
		}
		l.all, l.head = more, 0
	}
	l.all[(l.head+l.n)%len(l.all)] = *r
	l.n++
}

// until is the deadline of the request before which so many wait.
func (l *line) until(n int) time.Duration { return l.all[(l.head+n)%len(l.all)].Deadline }

// pop takes the first one, which is valid until the next push.
func (l *line) pop() (*targets.Request, bool) {
	if l.n == 0 {
		return nil, false
	}
	r := &l.all[l.head]
	l.head = (l.head + 1) % len(l.all)
	l.n--
	return r, true
}
