package builtin

import (
	"context"
	"time"

	"github.com/fcbench/fcbench/limiters"
)

// Description is what a limiter is as long as it has not been opened.
type Description struct {
	Info     limiters.Info
	Bound    func(w time.Duration) int64 // nil where it does not say what it is
	Releases bool                        // it gets back what it grants
	Workers  int                         // callers it takes at once; 0 for one that is called in the runner's loop
	Sets     bool                        // its limit can be changed while it is used
	Closes   bool                        // it holds something to give back
	Client   Client                      // who carries its calls; empty for one that is on no Redis
	Carried  bool                        // they can be carried without a client of go-redis
}

// Describe says what l is, and closes it: for a limiter that is made only to be
// looked at, as some begin to work before they are opened. nil is nothing.
func Describe(l limiters.Limiter) (d Description) {
	_, d.Releases = limiters.As[limiters.Releaser](l)
	_, d.Sets = limiters.As[limiters.LimitSetter](l)
	d.Workers = workersOf(l)
	if described, ok := limiters.As[limiters.Described](l); ok {
		d.Info, d.Bound = described.Info(), described.Bound
	}
	if r, ok := limiters.As[*remote](l); ok {
		d.Client, d.Carried = r.chosen, r.calls != nil
	}
	_, d.Closes = limiters.As[limiters.Closer](l)
	Discard(l)
	return d
}

// Discard closes a limiter that was never opened, if it can be closed. It has
// granted nothing that could be lost, so that an error would tell nobody anything.
func Discard(l limiters.Limiter) {
	if c, ok := limiters.As[limiters.Closer](l); ok {
		_ = c.Close(context.Background())
	}
}
