package targets

import "github.com/fcbench/fcbench/limiters"

// Described is the limiter that arrivals of a class ask, so that it can be asked
// what it is; nil for one that cannot say. Some know all of it only once they
// are open.
func (t Limiter) Described(class uint8) limiters.Described {
	d, _ := t.of(class).(limiters.Described)
	return d
}
