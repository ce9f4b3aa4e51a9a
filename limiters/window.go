package limiters

import "time"

// grant asks for n out of limit at the instant at, when used are taken. It
// fills in d, an empty decision, but for the two waits: they are the algorithm's own.
func (l Limit) grant(d *Decision, at time.Duration, used, n int64) {
	d.At = at
	d.Remaining = l.Rate - used
	if n > l.Rate {
		d.RetryAfter = Never
	} else if n <= d.Remaining {
		d.Allowed = true
		d.Remaining -= n
	}
}
