// Package units holds the quantities that users write in flags and scenario
// files, each with one spelling for reading and writing: rates ("1.5k/s",
// "6/m"), durations (Go's syntax plus "d"), sizes ("4KiB") and counts ("10k").
package units

import "time"

// Rate is Count events per Per, exactly, over the period with which it was
// written: 60/m is not the 1/s to which it is equal, because a window of it is
// a minute long. The zero Rate means "not given". Unlimited is the rate written "max".
type Rate struct {
	Count     int64
	Per       time.Duration
	Unlimited bool
}

// Duration is a time.Duration that is written with its unit.
type Duration time.Duration

// Size is a number of bytes.
type Size int64

// Count is a number of things, which may be written with k, M or G.
type Count int64
