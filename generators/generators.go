// Package generators describes what arrives and when, as pure functions of a
// seed: the same seed and workload give the same arrivals, bit for bit, on any
// machine and for any number of workers.
//
// A [Stream] composes a [Process] (when), a [Keys] law (for whom) and two
// [Law]s (how much it costs, how large it is). Each draws from a random stream
// of its own, so changing the key law moves no arrival. A [Workload] merges its
// streams by time into a [Schedule], which the runner reads one arrival at a time;
// a [Digest] identifies what was read and a [Profile] says how bursty and how
// skewed it turned out.
//
// Arithmetic is in integers, or in floating point in which every product is
// rounded by an explicit conversion and every function is one of this package,
// so that no compiler may fuse and no assembly may differ: see portable.go.
package generators

import (
	"time"

	"github.com/fcbench/fcbench/internal/seed"
)

// Arrival is one unit of offered load.
type Arrival struct {
	Seq   uint64        // position in the whole schedule, from 0
	At    time.Duration // due time, offset from the start of the run
	Key   string        // interned while the key space has at most [MaxInterned] keys
	KeyID uint32        // dense index of Key, or [NoKeyID]
	Cost  int64         // tokens it asks for, at least 1
	Size  int           // payload bytes
	Class uint8         // index of its stream
}

// MaxInterned is the largest number of keys that are numbered and kept as
// ready-made strings. Keys beyond it carry [NoKeyID].
const MaxInterned = 1 << 20

// NoKeyID marks a key that is not numbered.
const NoKeyID = ^uint32(0)

// A Process says when arrivals are due.
type Process interface {
	// Times returns a cursor over the due times in [0, horizon), in order.
	// Random processes draw from r; deterministic ones ignore it.
	Times(r seed.Stream, horizon time.Duration) Times
}

// Times is a cursor over due times.
type Times interface {
	// Next returns the next due time; ok is false at the end, and stays false.
	Next() (at time.Duration, ok bool)
}

// Finite is a process that was written to take some time, such as stages.
type Finite interface {
	Process
	// Length returns how long a run is of which nothing else says it, and the
	// shortest run that holds all that was written; 0 where any length does.
	Length() (usual, least time.Duration)
}

// A Recording is a process that also knows who arrived and at what cost, such
// as a trace. Its Times are [Recorded].
type Recording interface {
	Finite
	// Names returns the keys of the recording, each once, in order of first
	// appearance, and at most [MaxInterned] of them.
	Names() []string
	// Len returns the number of arrivals.
	Len() uint64
	// Config returns the config it was made from, in which is filled in what it
	// was found to be.
	Config() any
	// Source names it to other processes while this one lives.
	Source() string
	// Notes says what those should know who read results that rest on it.
	Notes() []string
}

// Recorded is the Times of a [Recording]. Its keys and costs hold where the
// stream has no law of its own.
type Recorded interface {
	Times
	// Record describes the arrival that Next returned last.
	Record() (key string, cost int64)
	// Err reports why Next ended early; nil at a proper end.
	Err() error
}

// Keys picks the key of arrival k.
type Keys interface {
	// N is the number of keys.
	N() uint64
	// Pick returns the key's index in [0, N) for arrival k of its stream.
	Pick(r seed.Stream, k uint64) uint64
}

// Weighted is implemented by key laws under which every arrival draws from one
// fixed distribution, so that what was drawn can be tested against it.
type Weighted interface {
	Keys
	// P returns the probability of key i, for the stream that Pick draws from.
	P(r seed.Stream, i uint64) float64
}

// Law draws a whole number, such as a cost or a payload size, for arrival k.
type Law interface {
	Draw(r seed.Stream, k uint64) int64
	// Range returns the least and the largest number that Draw may return.
	Range() (least, most int64)
	// Mean is what Draw returns on average, as if it did not round.
	Mean() float64
}
