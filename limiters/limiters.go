// Package limiters holds rate limiters that take the time as an argument.
//
// Every limiter is keyed, exact in integers, safe for concurrent use and does
// not allocate once it knows a key. Because now is an argument, the same code
// runs in real time, in virtual time and under an oracle.
//
// Buckets ([TokenBucket], [LeakyBucketMeter], [GCRA]) keep a rate and forgive
// a burst; they decide alike and differ in what they store. [LeakyBucketQueue]
// decides as they do and also spreads what it accepts. Windows ([FixedWindow],
// [SlidingWindowLog], [SlidingWindowCounter]) count what was granted in a
// period. [Concurrency] counts what is held and knows no rate.
//
// A limiter is a file with its state per key, the step that decides on it, and
// the words that describe it; a registry keeps the states ([Keyed], which also
// serves limiters of other packages).
package limiters

import (
	"context"
	"time"
)

// Limit is what the user asked for: Rate events per Period on average, and
// up to Burst at once. Window algorithms allow Rate per Period and take no Burst.
type Limit struct {
	Rate   int64
	Period time.Duration
	Burst  int64
}

// Decision is a limiter's answer. It is a value so that deciding allocates nothing.
type Decision struct {
	Allowed bool
	// At is the instant the decision used: now, or the later instant that the
	// limiter clamped it to. For a remote limiter it is the server's own clock,
	// as an offset from an origin of its own; Unknown when it does not say.
	// RetryAfter and ResetAfter count from At.
	At time.Duration
	// Delay is how long a shaper makes the caller wait before it proceeds.
	Delay time.Duration
	// RetryAfter is the shortest wait after which the same request is granted
	// if nobody else asks: 0 when allowed, [Never] when the cost exceeds what
	// the limiter can ever grant, [Unknown] when it cannot say.
	RetryAfter time.Duration
	// ResetAfter is how long until the limiter is as good as new, or Unknown.
	ResetAfter time.Duration
	// Remaining is what could still be granted now, in tokens, or -1 when unknown.
	Remaining int64
	// Permit names what was granted to the [Releaser] that will get it back; 0
	// where nothing is given back.
	Permit uint64
	Mode   Mode
}

// Whether is the decision at the instant at of a limiter that says no more than
// whether.
func Whether(allowed bool, at time.Duration) Decision {
	d := Decision{Allowed: allowed, At: at, ResetAfter: Unknown, Remaining: -1}
	if !allowed {
		d.RetryAfter = Unknown
	}
	return d
}

// Never is the RetryAfter of a cost that can never be granted.
const Never = time.Duration(1<<63 - 1)

// Unknown stands for a duration that the limiter cannot tell.
const Unknown = time.Duration(-1)

// Mode says who decided.
type Mode uint8

// The modes. Primary is the limiter itself; the others are counted separately,
// because an answer given without the limiter is not the limiter's.
const (
	Primary Mode = iota
	FailOpen
	FailClosed
	LocalFallback
)

// String returns the mode's name in result files.
func (m Mode) String() string {
	return [...]string{"primary", "fail_open", "fail_closed", "local"}[m]
}

// Limiter decides whether n tokens of key may pass at now.
type Limiter interface {
	// Allow decides. now is a monotonic offset from the start of the run. A now
	// before 0, or before the latest instant at which key was granted
	// something, is treated as that later instant. A denial changes nothing.
	// n must be at least 1. An error is not a decision: nothing is known then
	// about whether n was granted.
	Allow(ctx context.Context, now time.Duration, key string, n int64) (Decision, error)
}

// Info describes a limiter for tables, checkers and the oracle.
type Info struct {
	Algorithm  string  // the exact model it is held to, such as "token-bucket": of a library, what it says it is
	Version    string  // of the library behind it; empty for fcbench's own
	Scope      string  // "local", "redis" or "process"
	State      string  // what is kept per key, such as "one int64, CAS"
	TimeSource string  // one of the Time constants
	Limit      Limit   // what is enforced, as it was written, of windows per window; zero where it changes
	Also       []Limit // that hold at the same time, of several limits at once
	// Resolution is the step to which the limiter keeps time; 0 and 1 mean it is
	// exact. A decision that an instant one step away would justify is no error,
	// but steps that add up to a drift are.
	Resolution time.Duration
	Unkeyed    bool // has one state and does not look at the key
	Unweighted bool // grants single tokens only; another cost is an error
	// Shaper marks a limiter that makes callers wait: its Decision.Delay is to
	// be obeyed, and its Bound holds for the instants At + Delay.
	Shaper bool
	// Windows says where those of a window algorithm begin: one of the From
	// constants. Empty stands for FromStart.
	Windows string
	// Lease is after how long what is held ends by itself; 0 where it never does.
	Lease time.Duration
	// Approximate marks a limiter that promises no more than its Bound: its
	// Algorithm is what it comes near to, and may be missed by as much as that allows.
	Approximate bool
	Lacks       []string // what a library cannot do that limiters here can, a phrase each
}

// NoInstant is what a library lacks whose Decision.At is the now that it was
// given, for want of anything better.
const NoInstant = "the instant of the decision"

// Where windows begin.
const (
	FromStart = "start" // at multiples of their length on the clock of Decision.At
	FromEpoch = "epoch" // at multiples of their length since 1970, whatever the clock of Decision.At
	FromFirst = "first" // for each key, with its first request that is in no window yet
)

// Aligned reports whether it is known from Decision.At alone in which window a
// decision was taken.
func (i Info) Aligned() bool { return i.Windows == "" || i.Windows == FromStart }

// The sources of a limiter's time.
const (
	TimeArgument  = "argument"   // the now it is given
	TimeClock     = "clock"      // the process's, through package time: a synctest bubble can move it
	TimeWallClock = "wall clock" // the machine's, past package time: nothing can move it
	TimeRedis     = "redis TIME" // the server's
)

// Described is implemented by limiters that can say what they are.
type Described interface {
	Info() Info
	// Bound is the most this algorithm may admit, in tokens, in any window of
	// length w, both ends included: Bound(0) is what one instant can bring.
	Bound(w time.Duration) int64
}

// Peeker answers what Allow would, without taking anything.
type Peeker interface {
	Peek(ctx context.Context, now time.Duration, key string, n int64) (Decision, error)
}

// Reserver is implemented by limiters that sell what is not there yet.
type Reserver interface {
	// Reserve takes n tokens of key as soon as they are there: its Delay, from At on, is
	// how long the caller has to wait before it goes on. They count from then,
	// together with what Allow grants, in the Bound of every window. What can never
	// be there is denied with [Never], and a denial changes nothing.
	Reserve(ctx context.Context, now time.Duration, key string, n int64) (Decision, error)
}

// Releaser is implemented by limiters that limit what is held at once: what
// they grant counts until it is given back.
type Releaser interface {
	// Release gives back the n tokens of key that Allow granted under permit,
	// and returns the instant at which that counts, as [Decision.At]. What was
	// given back already, or has expired, is given back no second time: that is
	// an error, and changes nothing.
	Release(ctx context.Context, now time.Duration, key string, n int64, permit uint64) (at time.Duration, err error)
}

// LimitSetter is implemented by limiters whose limit can be changed while they are
// in use.
type LimitSetter interface {
	// SetLimit changes the limit at now, for all keys: one that was granted
	// something later than that changes at that instant. Tokens that a bucket holds
	// stay, as far as the new burst goes; what is no whole unit of the new rate is
	// lost. Windows keep their counts and their length, and what is held stays
	// held. In windows that hold changes no key is granted more than the Bound of
	// the highest of the rates and the largest of the bursts concerned. What is
	// decided after SetLimit has returned is decided under the new limit, and what
	// was decided before it was called under the old one; an error changes nothing.
	// It returns the instant at which the change counts, as [Decision.At].
	SetLimit(ctx context.Context, now time.Duration, limit Limit) (at time.Duration, err error)
}

// Reclaimer is implemented by limiters that keep state per key in this process.
type Reclaimer interface {
	// Keys is the number of keys that have state.
	Keys() int
	// Reclaim frees the keys that are as good as new at now and returns how
	// many. It happens by itself as new keys arrive; calling it is for those
	// who cannot wait for them.
	Reclaim(now time.Duration) int
}

// As finds the ability T, such as a [Peeker], of a limiter or of what it is a wrapper
// around, which it tells by a method Unwrap() Limiter. A wrapper that has the
// ability itself comes before what is in it.
func As[T any](l Limiter) (ability T, ok bool) {
	for {
		if ability, ok = l.(T); ok {
			return ability, true
		}
		wrapper, wraps := l.(interface{ Unwrap() Limiter })
		if !wraps {
			return ability, false
		}
		l = wrapper.Unwrap()
	}
}

// Opener is implemented by limiters that prepare something outside the process
// before the first Allow.
type Opener interface {
	Open(ctx context.Context) error
}

// Closer is implemented by limiters that hold resources outside the process.
type Closer interface {
	Close(ctx context.Context) error
}
