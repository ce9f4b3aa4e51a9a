package selftest

import "runtime/debug"

// What litter keeps and makes.
const (
	ballast = 1 << 20 // objects that the collector has to follow
	rubbish = 1 << 10 // that are replaced between two looks at whether to end
)

type object struct {
	shared *object
	_      [6]uint64
}

// litter keeps the garbage collector busy until the result is called.
func litter() (stop func()) {
	before := debug.SetGCPercent(1)
	end, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		kept, shared := make([]*object, ballast), new(object)
		for i := 0; ; i = (i + rubbish) % ballast {
			select {
			case <-end:
				return
			default:
			}
			for k := range rubbish {
				kept[i+k] = &object{shared: shared}
			}
		}
	}()
	return func() {
		close(end)
		<-ended
		debug.SetGCPercent(before)
	}
}
