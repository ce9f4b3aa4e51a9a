package pipelines

import (
	"sync/atomic"
	"time"
)

// Hold is a source that may be asked to keep to a pace: what comes faster it holds
// back, in order, and nothing of it is lost. One goroutine uses it, but for SetPace, which
// any may call.
type Hold struct {
	pace atomic.Int64 // nanoseconds from one item to the next; 0 is none
	free time.Duration
	line ring[Item]
	most int
	n    atomic.Int64
}

// SetPace asks for so much time from one item to the next, 0 for none any more.
func (h *Hold) SetPace(d time.Duration) { h.pace.Store(int64(d)) }

// Held is how many are held back, which any goroutine may ask.
func (h *Hold) Held() int { return int(h.n.Load()) }

// Most is how many were held back at once at most.
func (h *Hold) Most() int { return h.most }

// Pass reports whether an item may go at now. Else it is held back.
func (h *Hold) Pass(now time.Duration, it *Item) bool {
	pace := time.Duration(h.pace.Load())
	if h.line.len() == 0 && (pace == 0 || now >= h.free) {
		h.free = now + pace
		return true
	}
	*h.line.push() = *it
	h.n.Store(int64(h.line.len()))
	h.most = max(h.most, h.line.len())
	return false
}

// Next is when the next of those that are held back may go; Forever where none is.
func (h *Hold) Next() time.Duration {
	switch {
	case h.line.len() == 0:
		return Forever
	case h.pace.Load() == 0:
		return 0
	}
	return h.free
}

// Release lets the next one go, if it may at now.
func (h *Hold) Release(now time.Duration, it *Item) bool {
	if h.Next() > now {
		return false
	}
	*it = *h.line.popFront()
	h.n.Store(int64(h.line.len()))
	pace := time.Duration(h.pace.Load())
	h.free = max(h.free, now-pace) + pace // lateness of less than the pace does not add up
	return true
}
