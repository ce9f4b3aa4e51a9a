package conformance

import (
	"fmt"
	"sync/atomic"
)

// An outage is that something outside of a limiter, on which it depends, does not
// answer. What the limiter makes of that says nothing of it. From the first error that
// tells of it on nobody is asked any more; the rule that met it is examined once more,
// and after a second one nothing else is.
type outage struct {
	of  func(err error) error // what is out where an error comes of that, nil where it does not
	met atomic.Pointer[error] // the first, in this attempt
}

// note takes note of an error, if it tells of an outage.
func (o *outage) note(err error) {
	if o == nil || err == nil {
		return
	}
	if out := o.of(err); out != nil {
		o.met.CompareAndSwap(nil, &out)
	}
}

// err is the outage of this attempt.
func (o *outage) err() error {
	if o == nil {
		return nil
	}
	if met := o.met.Load(); met != nil {
		return *met
	}
	return nil
}

// attempt does what depends on others, and once more if they did not answer. It
// returns what is out if they did not either time.
func (o *outage) attempt(do func()) (err error) {
	for range 2 {
		if o != nil {
			o.met.Store(nil)
		}
		do()
		if err = o.err(); err == nil {
			return nil
		}
	}
	return fmt.Errorf("%w, twice in a row", err)
}
