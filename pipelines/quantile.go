package pipelines

import "time"

// quantile follows one of a stream of durations that may change: each that is above
// it moves it up by one part in `up`, each other one down by one part in `down`. It
// comes to rest where a share of up ÷ (up + down) is above it, and moves by shares
// of itself, so that one long stall does not move it far.
type quantile struct {
	at       time.Duration // 0 where nothing has been seen
	up, down time.Duration
}

func (q *quantile) see(d time.Duration) {
	switch {
	case q.at == 0:
		q.at = max(d, 0)
	case d > q.at:
		q.at += min(q.at/q.up+1, Forever-q.at)
	default:
		q.at -= q.at / q.down
	}
}
