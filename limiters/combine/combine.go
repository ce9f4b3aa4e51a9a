// Package combine makes limiters out of limiters that take the time as an argument.
//
//   - [Composite] holds requests to several limits at once, all or nothing.
//   - [Scheduled] replaces its limiter at given instants, and with it the algorithm,
//     the limit or both. (Where the limit alone changes, a [limiters.LimitSetter]
//     does it better.)
//   - [Instances] simulates gateways that share one limit, to measure by how
//     much they miss it.
//
// # The hand-over rule
//
// A key takes its debt along. Let A be the limiter that is replaced by B, and
// bound(w) be what a limiter may grant in a window of length w. A's last grant
// to the key was at ℓ, and after it A could have granted rem more. Then A has
// granted, in any window that ends at ℓ and is w long, at most A.bound(w) − rem:
// otherwise granting rem as well would have broken A's own bound. If B is
// charged with D tokens together with its first grant to the key, it can grant
// at most B.bound(v) − D in the v that follow. Both together stay below the
// larger of the two bounds of the whole window, g being the time from ℓ to B's
// first grant, if for all w and v
//
//	D ≥ A.bound(w) + B.bound(v) − max(A.bound, B.bound)(w+g+v) − rem
//
// Of the two, call the one with the higher rate the fast one, and let its
// growth(w) be the least by which its bound grows in any stretch of w. The
// other's bound is at most base + growth, each of them its own. So
//
//	D = base(slow) + lag − growth(fast, g) − rem,  or 0 where that is less
//
// where lag is what the slow one may bring in one step of the fast one, if that
// moves in steps and the slow one does not wait for them. As growth is all that
// the proof takes from the fast bound, windows that hold the switch stay within
// the bound of the fast one alone.
//
// Between buckets of one rate and burst D is what is used, rounded up to whole
// tokens: a key notices the switch by less than one. The rule never asks for history that a limiter does not keep, so
// it assumes the worst that fits what is known: a bucket forgets how much it let
// through before it was full, so a window that takes over from a bucket in use
// starts with the bucket's rate × period on its account. A fixed window may have
// been spent just before its last edge, so it hands over that window, too,
// except to a fixed window of the same length, whose edges are its own.
//
// D shrinks as time passes without a grant. Nothing is charged and nothing
// stored before B's first grant to the key; a request that does not fit beside D
// is denied until it does. Once all of A's keys have been as good as new for as
// long as the fast one takes to bring base + lag, nobody owes anything, and A is
// let go.
package combine

import (
	"fmt"
	"time"

	"github.com/fcbench/fcbench/limiters"
)

// inner is what a limiter must be able to do to be combined.
type inner interface {
	limiters.Limiter
	limiters.Described
	limiters.Peeker
	limiters.Reclaimer
}

// asInner checks that l can be combined.
func asInner(what string, l limiters.Limiter) (inner, error) {
	in, ok := l.(inner)
	if !ok {
		return nil, fmt.Errorf("%s is %T; want a limiter that describes itself, peeks and reclaims", what, l)
	}
	info := in.Info()
	_, releases := l.(limiters.Releaser)
	switch {
	case info.TimeSource != limiters.TimeArgument:
		return nil, fmt.Errorf("%s is %s on a clock of its own (%s); want one that takes the time as an argument",
			what, info.Algorithm, info.TimeSource)
	case info.Unweighted:
		return nil, fmt.Errorf("%s is %s for single tokens only; want one that takes any cost", what, info.Algorithm)
	case info.Shaper || releases:
		return nil, fmt.Errorf("%s is %s; want a limiter whose answer is final, not one that delays or takes back",
			what, info.Algorithm)
	}
	return in, nil
}

// left is what could still be granted when a peek at one token gave d.
func left(d limiters.Decision) int64 {
	if d.Allowed {
		return d.Remaining + 1
	}
	return d.Remaining
}

// after returns the instant a wait after t, or the last there is.
func after(t, wait time.Duration) time.Duration {
	if t > 0 && wait > limiters.Never-t {
		return limiters.Never
	}
	return t + wait
}
