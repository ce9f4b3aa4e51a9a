package oracle

import "time"

// fixedWindow is the exact fixed window: at most limit tokens between one multiple
// of period and the next, counted from time 0 of the limiter's clock. What is
// denied does not count, and nothing is carried over, not even debt.
type fixedWindow struct {
	limit  int64
	period time.Duration
	begin  time.Duration
	taken  int64
}

func windowModel(l Limit) func() model {
	return func() model { return &fixedWindow{limit: l.Rate, period: l.Period} }
}

func (w *fixedWindow) advance(at time.Duration) {
	if at-w.begin >= w.period {
		w.begin, w.taken = at-at%w.period, 0
	}
}

func (w *fixedWindow) admits(n int64) bool { return n <= w.room() }

func (w *fixedWindow) admitsAt(at time.Duration, n int64) bool {
	then := *w
	then.advance(at)
	return then.admits(n)
}

func (w *fixedWindow) take(at time.Duration, n int64, _ time.Duration) {
	w.advance(at)
	w.taken = sum(w.taken, n)
}

func (w *fixedWindow) room() int64 { return w.limit - w.taken }

func (w *fixedWindow) gone(at time.Duration) bool { return w.taken == 0 || at-w.begin >= w.period }
