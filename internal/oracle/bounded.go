package oracle

import "time"

// bounded is for a limiter of which nothing is known but the most that it may
// admit in any window: bound(w), in tokens, for a window of length w with both
// ends included. Whatever keeps the bound is right, so denials always are.
//
// It follows windows by where they start, and remembers at most maxStarts of
// them: when there are more, every other one of the older half is forgotten, so
// that the latest are all there and the older the sparser. What is kept is
// exact, and so is the verdict where the bound is a straight line of the asked
// rate: the window that violates it then begins where a bucket of that rate
// last left zero, and that start is kept. Elsewhere forgetting can acquit, by
// less than what was admitted between two starts that are left.
type bounded struct {
	bucket
	bound  func(w time.Duration) int64
	starts []start       // ascending
	left   time.Duration // where the bucket last left zero
}

// start is what was admitted from one instant on.
type start struct {
	at     time.Duration
	tokens int64
}

// maxStarts is how many windows of one key are followed.
const maxStarts = 128

func boundedModel(l Limit, bound func(w time.Duration) int64) func() model {
	s := newScale(l)
	return func() model {
		return &bounded{bucket: bucket{scale: s}, bound: bound, starts: make([]start, 0, maxStarts)}
	}
}

func (b *bounded) admits(n int64) bool { return n <= b.room() }

func (b *bounded) admitsAt(at time.Duration, n int64) bool { return n <= b.within(b.now, at) }

func (b *bounded) take(at time.Duration, n int64, _ time.Duration) {
	b.advance(at)
	b.open()
	b.add(b.now, n)
}

func (b *bounded) room() int64 { return b.within(b.now, b.now) }

// within is the most that, admitted between from and to, must not put any window over its bound.
func (b *bounded) within(from, to time.Duration) int64 {
	room := b.bound(to - from)
	for i := range b.starts {
		s := &b.starts[i]
		if s.at > from {
			break
		}
		room = min(room, b.bound(to-s.at)-s.tokens)
	}
	return room
}

// add counts n in every window that starts at from or before.
func (b *bounded) add(from time.Duration, n int64) {
	b.charge(n)
	for i := range b.starts {
		if b.starts[i].at > from {
			return
		}
		b.starts[i].tokens = sum(b.starts[i].tokens, n)
	}
}

// open begins to follow the window that starts now.
func (b *bounded) open() {
	if b.level == (wide{}) {
		b.left = b.now
	}
	if last := len(b.starts) - 1; last >= 0 && b.starts[last].at == b.now {
		return
	}
	if len(b.starts) == maxStarts {
		b.thin()
	}
	b.starts = append(b.starts, start{at: b.now})
}

func (b *bounded) thin() {
	kept := b.starts[:0]
	for i, s := range b.starts {
		if i%2 == 0 || i >= maxStarts/2 || s.at == b.left {
			kept = append(kept, s)
		}
	}
	b.starts = kept
}
