package limiters

import "time"

// window is what all windows share, whose states S are counts under any limit.
type window[S any] struct{ limit Limit }

func (w *window[S]) fresh() (s S) { return s }

func (w *window[S]) under(_ algorithm[S], _ *S, last, _ time.Duration) time.Duration { return last }

// ask asks for n when used are taken, more than the limit perhaps if that was
// lowered. Of the two waits it only knows that of what is never granted; of what
// has to wait it tells by how much it is over.
func (l Limit) ask(used, n int64) (a answer, over int64) {
	a.remaining = max(0, l.Rate-used)
	switch {
	case n > l.Rate:
		a.wait = Never
	case n > a.remaining:
		over = used + n - l.Rate
	default:
		a.remaining -= n
	}
	return a, over
}

// most is the largest cost that is ever granted: what one instant can bring.
func (l Limit) most() int64 {
	if l.Burst > 0 {
		return l.Burst
	}
	return l.Rate
}
