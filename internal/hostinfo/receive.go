package hostinfo

import (
	"time"

	"github.com/fcbench/fcbench/internal/loglinear"
)

// Receive is how late this process takes something that is there, as an answer
// on a socket would be: an instant that the kernel announced on a file, at random
// distances of 5 ms on average, and when a goroutine that waited for it ran.
type Receive struct {
	Count    uint64        // instants; 0 where the system cannot say
	P50, P99 time.Duration // at most 1/32 too high
	Max      time.Duration
}

// receiveEvery is the mean distance of two looks.
const receiveEvery = 5 * time.Millisecond

// scale makes percentiles at most 1/32 too high.
const scale = loglinear.Scale(5)

func summary(h *loglinear.Histogram) Receive {
	at := func(percent uint64) time.Duration {
		return time.Duration(h.At(loglinear.Quantile{Num: percent, Den: 100}))
	}
	return Receive{Count: h.Count(), P50: at(50), P99: at(99), Max: time.Duration(h.Max())}
}
