// Package conformance holds every rate limiter to the same rules, those of
// [limiters.Limiter], of its own description and of the exact model of the
// algorithm that it claims to be.
//
// A package with a limiter of its own calls [Run] from a test, once for each of
// a few limits. A program that examines limiters calls [Check], which says of
// every rule whether it holds, is broken or does not apply, and why.
//
// Most rules are properties of schedules. The suite makes schedules at random
// from a seed, looking for trouble where limiters have edges, plays each to a
// fresh limiter, and when one breaks the rule takes away from it whatever the
// break does not need. What is left is a [Finding] with a history of a few
// steps, that can be followed by hand and sent to the limiter's author.
//
// The suite drives time itself, as far as the limiter lets it. One that takes
// now as an argument is shown any instants, in any order. One that reads the
// clock is checked where that clock can be moved forward, in a synctest bubble
// ([Clock]); elsewhere it is checked live, by the few rules that no timing noise
// can make it break.
package conformance

import (
	"testing"
	"time"

	"github.com/fcbench/fcbench/limiters"
)

// Options says what a limiter can do beyond the contract, and what it cannot.
type Options struct {
	// Granularity is the smallest step of time that the limiter tells apart;
	// 0 stands for a nanosecond. The suite speaks in whole multiples of it, and
	// "at the earliest" means to the granule.
	Granularity time.Duration
	// Concurrent calls the limiter from many goroutines at once as well.
	Concurrent bool
	// NoAllocation requires that deciding on a known key allocates nothing.
	NoAllocation bool
	// Decisions is about how many decisions a rule may ask for under one limit;
	// 0 stands for 1,000.
	Decisions int
	// Shared makes one limiter serve all schedules, each on keys of its own: for
	// those that are costly to make, such as a client of a server. One that has no
	// keys cannot: then there are fewer schedules.
	Shared bool
	// Also returns what a composite enforces beside limit, all or nothing; nil for
	// what enforces one limit.
	Also func(limit limiters.Limit) []limiters.Limit
	// Traffic is how long traffic in real time lasts; 0 stands for 5 s.
	Traffic time.Duration
	// Outage returns what is out where an error that a limiter came back with is not its
	// own but that of something it depends on, such as a server that does not answer; nil
	// of any other error. The limiter is not charged with an outage. Where Outage is nil
	// there is none.
	Outage func(err error) error
	// Clock is for limiters that go by a clock of their own; nil where there is none to wait for.
	Clock *Clock

	lost *outage // of a [Check]
}

// Clock is time that cannot be chosen, only awaited.
type Clock struct {
	Now  func() time.Duration      // since any origin
	Wait func(until time.Duration) // returns no earlier than until
	// Still marks a clock that stands still but for Wait, such as that of a synctest bubble.
	Still bool
}

// Run checks the limiters that newLimiter returns, each of them fresh, against
// every rule that applies to them. They enforce limit, whose Burst is 0 for
// windows. They must implement [limiters.Described].
func Run(t *testing.T, newLimiter func(t *testing.T) limiters.Limiter, limit limiters.Limit, options Options) {
	t.Helper()
	of := Subject{Options: options, New: func(limiters.Limit) (limiters.Limiter, error) { return newLimiter(t), nil }}
	probe, err := newSubject(of, limit)
	if err != nil {
		t.Fatal(err)
	}
	probe.first = true
	var broken []Finding
	for _, r := range rules() {
		if reason, _ := r.missing(probe); reason != "" || r.premature(broken) != "" {
			continue
		}
		t.Run(r.name, func(t *testing.T) {
			s := *probe
			s.build = func(limiters.Limit) (limiters.Limiter, error) { return newLimiter(t), nil }
			var f Finding
			switch b := r.apply(t.Context(), &s); {
			case b == nil:
			case b.undecided != "":
				t.Logf("undecided: %s", b.undecided)
			default:
				f.Rule = r.name
				f.fail(b)
				broken = append(broken, f)
				t.Errorf("%s\nrule: %s\n%s", f.Message, r.law, f.History())
			}
			probe.shared = s.shared // another, if that was used up
		})
	}
	probe.close(t.Context())
}
