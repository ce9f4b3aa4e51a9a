// Package control holds what watches a pipeline while it runs, and changes it: the
// pressure-aware part of one.
//
//	sensors ──Signals──▶ Controller ──Commands──▶ actuators, within bounds
//
// A [Controller] is pure: it reads no clock and no host, starts nothing, and what it
// commands follows from the signals that it was handed so far. So the same code runs
// in virtual time and among goroutines, and a run in virtual time gives the same on any
// machine: arithmetic is in integers. A [Loop] makes signals of what a driver counts and of
// what the host says, or of a model of that, and keeps commands within bounds. Whatever
// they change is on record, with the rule that did it.
//
// Shares are in millionths, rates in thousandths of an item per second.
package control

import (
	"math"
	"math/bits"
	"time"
)

// One is the whole, of shares.
const One = 1_000_000

// Actuator is something that a controller may change.
type Actuator uint8

// The actuators.
const (
	Batch     Actuator = iota // the most items that a worker of the first stage takes at once
	Limit                     // the rate of the limiter before the first queue; 0 is off
	Workers                   // of the first stage, that take items
	Signal                    // the rate that the source is asked to keep to; 0 is none
	Alarm                     // 1 where somebody should look
	Actuators                 // how many there are
)

// String names the actuator as results do.
func (a Actuator) String() string {
	return [...]string{"batch", "limiter", "workers", "signal", "alarm", "no actuator"}[min(a, Actuators)]
}

// Bounds are what values of an actuator may be. Where 0 means off, it is always allowed.
type Bounds struct{ Least, Start, Most int64 }

// Signals are what the sensors say, of the time since the step before where they are no
// states.
type Signals struct {
	Period  time.Duration // that time
	CPU     int64         // share of the cores that this process may keep busy
	GCs     int64         // collections in the latest minute
	GC      int64         // share of these cores that the collector took
	Sched   time.Duration // how long who could run waited for a core: the 99th percentile
	Head    time.Duration // how long the oldest has waited before the first stage, the door included
	Queued  int           // inside the first queue and at its door
	Held    int           // that the source holds back
	InPipe  int           // that have come in and not left
	Busy    int64         // share of the workers that had an item in hand
	Done    int64         // that the last stage has served
	Refused int64         // by the limiter
	Now     [Actuators]int64
	Bounds  [Actuators]Bounds
	Given   int64 // the rate that the limiter was given
}

// Rate is how many a second the last stage has served.
func (s *Signals) Rate() int64 { return perSecond(s.Done, s.Period) }

// perSecond is the rate of n in a time, 0 or more and no more than any rate may be.
func perSecond(n int64, d time.Duration) int64 {
	return min(times(n, 1000*int64(time.Second), int64(d)), maxRate)
}

// times is n × by / over, none of which is below 0, rounded down.
func times(n, by, over int64) int64 {
	high, low := bits.Mul64(uint64(max(n, 0)), uint64(by))
	if high >= uint64(over) {
		return math.MaxInt64
	}
	q, _ := bits.Div64(high, low, uint64(over))
	return int64(min(q, math.MaxInt64))
}

// Command is what a rule wants of an actuator.
type Command struct {
	Rule string
	What Actuator
	To   int64
}

// Controller decides. A trial has one of its own.
type Controller interface {
	// Step returns what shall change at now. Steps come in the order of time.
	Step(now time.Duration, s *Signals) []Command
}

// Control is a controller and what it may do.
type Control struct {
	Controller
	Settings
	Limits bool // it commands a limiter
}
