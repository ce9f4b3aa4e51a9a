package arrivals

import "time"

// rest is how long the reader rests after it has looked for requests. Where they come
// so fast that it would wake for nearly each of them, which costs more than to answer it,
// it takes several in one go. Their instants are the kernel's, and remain what they are.
// Answers come a little later: by a quarter, at most, of the time between two requests of
// a connection, so that no sender is kept from its next one.
type rest struct{ gap, last time.Duration }

const (
	longestRest = 100 * time.Microsecond
	fewest      = 2 // requests that must be expected meanwhile
)

// newRest expects few requests.
func newRest() rest { return rest{gap: time.Second} }

// after says how long, after a look at now that found n requests, on so many connections.
func (r *rest) after(now time.Duration, n, connections int) time.Duration {
	if n > 0 {
		r.gap += ((now-r.last)/time.Duration(n) - r.gap) / 16
		r.last = now
	}
	length := min(longestRest, r.gap*time.Duration(connections)/4)
	if length < fewest*r.gap {
		return 0
	}
	return length
}
