package oracle

import "time"

// windowCounter is the exact sliding-window counter: windows lie between one
// multiple of period and the next, counted from time 0 of the limiter's clock,
// and the trailing window is taken to hold all of the current one's tokens and
// of the previous one's as large a part as it still covers. What is denied does
// not count.
//
// Like the bucket it weighs in units of 1/period token, so that nothing is ever
// rounded. Counts are wide because what a limiter admits knows no limit, and
// a count cut off at the end of int64 would, as the previous one, fade too soon.
type windowCounter struct {
	limit             int64
	period            time.Duration
	begin             time.Duration // of the current window
	covered           time.Duration // of the previous window, by the trailing one
	previous, current wide          // tokens
}

func counterModel(l Limit) func() model {
	return func() model { return &windowCounter{limit: l.Rate, period: l.Period} }
}

func (w *windowCounter) advance(at time.Duration) {
	switch passed := at - w.begin; {
	case passed < w.period:
	case passed-w.period < w.period:
		w.begin += w.period
		w.previous, w.current = w.current, wide{}
	default:
		w.begin = at - at%w.period
		w.previous, w.current = wide{}, wide{}
	}
	w.covered = w.period - (at - w.begin)
}

func (w *windowCounter) admits(n int64) bool {
	return !w.level().Plus(product(n, int64(w.period))).Over(w.capacity())
}

func (w *windowCounter) admitsAt(at time.Duration, n int64) bool {
	then := *w
	then.advance(at)
	return then.admits(n)
}

func (w *windowCounter) take(at time.Duration, n int64, _ time.Duration) {
	w.advance(at)
	w.current = w.current.Plus(wide{Lo: uint64(n)})
}

func (w *windowCounter) room() int64 {
	return roomBetween(w.level(), w.capacity(), int64(w.period))
}

// level is what counts now. Should it saturate it is still over the capacity.
func (w *windowCounter) level() wide {
	return w.previous.Times(int64(w.covered)).Plus(w.current.Times(int64(w.period)))
}

func (w *windowCounter) capacity() wide { return product(w.limit, int64(w.period)) }

func (w *windowCounter) gone(at time.Duration) bool {
	then := *w
	then.advance(at)
	return then.previous == (wide{}) && then.current == (wide{})
}
