// Package thirdparty puts the rate limiters that people use behind the contract
// of package limiters, so that they can be measured and held to account beside it.
//
// An adapter calls its library the way the library's own documentation does, and
// repairs nothing: what comes out is the library's answer. What a library does
// not say is Unknown, what it cannot represent is refused when it is made, and
// what it lacks is listed in its Info. The algorithm in the Info is the one that
// the documentation names, and so the one that the library is held to, whatever
// its code does.
//
// A library that takes the time is given the caller's now as it comes, out of
// order too. One that reads a clock says which, and its Decision.At is Unknown.
//
// A library without keys decides in one of two ways: bare, one instance for all
// keys, as it is sold; or with one instance per key in the registry that the
// limiters of this project use, so that it is not measured against a built-in map.
package thirdparty

import (
	"fmt"
	"time"

	"github.com/fcbench/fcbench/limiters"
)

// library is what an adapter says of the library behind it.
type library struct {
	info  limiters.Info
	bound func(w time.Duration) int64
}

// claiming completes the description of a library that says it is what model
// is: its limit is model's, and so is the most that it may admit.
func claiming(model limiters.Described, info limiters.Info) library {
	own := model.Info()
	info.Algorithm, info.Limit = own.Algorithm, own.Limit
	return library{info: info, bound: model.Bound}
}

// Info implements [limiters.Described].
func (l *library) Info() limiters.Info { return l.info }

// Bound implements [limiters.Described]: that of the algorithm the library says it is.
func (l *library) Bound(w time.Duration) int64 { return l.bound(w) }

// check is the error of a call that the contract, or the library, rules out.
func (l *library) check(now time.Duration, n int64) error {
	switch {
	case n < 1:
		return fmt.Errorf("cost is %d; want at least 1", n)
	case n > 1 && l.info.Unweighted:
		return fmt.Errorf("cost is %d; want 1, the library has no other", n)
	case now > maxNow:
		return fmt.Errorf("now is %v; want at most %v", now, maxNow)
	}
	return nil
}

// maxNow is the latest now, 146 years, so that instants fit what libraries keep
// them in: the nanoseconds of Unix time in an int64, which end in 2262.
const maxNow = time.Duration(1) << 62

// rounding is the Resolution of libraries that count in whole nanoseconds: each
// step may be off by one, which is forgiven, but not what many steps add up to.
// (A resolution of 1 stands for exact.)
const rounding = 2 * time.Nanosecond

// epoch is the Unix time of now 0, the start of 2000: far from 0, which
// libraries take for "never".
const epoch = 946_684_800

// instant is what a library that takes the time is told at now.
func instant(now time.Duration) time.Time { return time.Unix(epoch, int64(now)) }
