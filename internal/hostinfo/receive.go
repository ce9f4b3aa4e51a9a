package hostinfo

import (
	"math/rand/v2"
	"slices"
	"time"
)

// Receive is how late this process takes something that is there, as an answer
// on a socket would be: an instant that the kernel announced on a file, at random
// distances of 5 ms on average, and when a goroutine that waited for it ran.
type Receive struct {
	Count    uint64 // instants; 0 where the system cannot say
	P50, P99 time.Duration
	Max      time.Duration
}

// receiveEvery is the mean distance of two looks.
const receiveEvery = 5 * time.Millisecond

// kept bounds the looks that are remembered: a random choice of all, when there
// are more (Vitter's algorithm R).
const kept = 4096

// lateness collects how late looks were. It belongs to one goroutine.
type lateness struct {
	some  []time.Duration
	count uint64
	max   time.Duration
}

func (l *lateness) add(late time.Duration) {
	l.count++
	l.max = max(l.max, late)
	if len(l.some) < kept {
		l.some = append(l.some, late)
	} else if i := rand.Uint64N(l.count); i < kept {
		l.some[i] = late
	}
}

func (l *lateness) summary() Receive {
	if l.count == 0 {
		return Receive{}
	}
	slices.Sort(l.some)
	rank := func(share int) time.Duration { return l.some[(len(l.some)*share+99)/100-1] }
	return Receive{Count: l.count, P50: rank(50), P99: rank(99), Max: l.max}
}
