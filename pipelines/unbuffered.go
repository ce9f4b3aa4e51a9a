package pipelines

import "time"

// unbuffered lets in whom somebody waits for, and nobody else: ch <- v on a channel
// without a buffer, where sender and receiver meet.
type unbuffered struct {
	fifo
	wanted bool // somebody found nobody here
}

// NewUnbuffered returns a queue before which the source waits until its item is taken.
// At first somebody waits.
func NewUnbuffered(struct{}) (Policy, error) {
	return &unbuffered{fifo{capacity: 1}, true}, nil
}

// Offer implements [Policy].
func (u *unbuffered) Offer(now time.Duration, it *Item) Answer {
	if !u.wanted {
		return Answer{Verdict: Full, Until: Forever}
	}
	u.wanted = false
	return u.enter(now, it)
}

// Take implements [Policy].
func (u *unbuffered) Take(_ time.Duration, it *Item) (ok bool, shed []Drop) {
	ok = u.pop(it)
	u.wanted = !ok
	return ok, nil
}
