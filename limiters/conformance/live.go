package conformance

import (
	"context"
	"time"

	"github.com/fcbench/fcbench/limiters"
)

// liveRules watch a limiter in real time, whose passing nobody controls. What is
// sure is only that a decision was taken between its call and its return, so a
// window is as long as it can be, and a wait is waited for after the return.
// Then the machine being slow can excuse a limiter, and never convict it.
func liveRules() []rule {
	define := func(name string, category Category, severity Severity, law string, check liveCheck, about ...need) rule {
		return rule{
			name: name, category: category, severity: severity, law: "in real time " + law,
			about: append(needs(live), about...), means: needs(waits, once), waits: true,
			check: func(ctx context.Context, s *subject) *breach { return s.watch(ctx, check) },
		}
	}
	burst := append(needs(rated), finite)
	return []rule{
		define("live-admits", Oracle, High, "nothing is granted that the exact model, or the limiter's own Bound, denies at every instant it may have been decided at", checkLiveAdmits, rated),
		define("live-denials", Oracle, Medium, "nothing is denied that the exact model grants at every instant it may have been decided at", checkLiveDenials, rated, model),
		define("live-bound", Properties, High, "no window holds more grants than the Bound of the longest it can have been", checkLiveBound, rated),
		define("live-cost", Properties, Medium, "a cost below 1 is an error; one above the burst is denied, never to be granted, and takes nothing", checkLiveCost, rated, weighted, finite),
		define("live-keys", Properties, Medium, "keys do not know of each other, whatever is in them and however alike they are", checkLiveKeys, rated, keyed),
		define("live-callers", Concurrency, Medium, "many callers at once of one key are all answered, and granted what there is", checkLiveCallers, burst...),
		define("live-retry", Promises, Low, "a retry after RetryAfter is granted", checkLiveRetry, rated, tellsRetry),
		define("live-debt", Expiry, High, "what was spent is not there again before it has flowed in, in whichever part of a second it was", checkLiveDebt, burst...),
		define("live-expiry", Expiry, High, "what was spent is not there again in the last milliseconds before it has flowed in", checkLiveExpiry, append(burst, weighted, ebbs)...),
		define("live-lease", Expiry, High, "what is held is held until its lease ends, and no longer", checkLiveLease, givenBack, leased),
	}
}

// liveCheck examines a limiter in real time.
type liveCheck func(ctx context.Context, l *subject) *breach

// live is for limiters that go by a clock which waiting for is all one can do.
func live(s *subject) string {
	switch {
	case s.live == nil && s.free():
		return "it goes by the now that it is given"
	case s.Clock != nil && s.Clock.Still:
		return "its clock is moved"
	}
	return ""
}

func waits(s *subject) string { return unless(s.Clock != nil, "nothing here waits in real time") }

// watched is the subject in real time.
func (s *subject) watched() (*subject, error) {
	if s.real != nil {
		return s.real, nil
	}
	of := Subject{New: s.build, Seed: s.seed, Options: s.Options}
	if s.live != nil {
		of.New = s.live
	}
	limit := s.liveLimit
	if limit == (limiters.Limit{}) {
		limit = s.asked
	}
	l, err := newSubject(of, limit)
	if err != nil {
		return nil, err
	}
	s.real = l
	return l, nil
}

// watch runs a check on the limiter in real time, if one can be had.
func (s *subject) watch(ctx context.Context, check liveCheck) *breach {
	l, err := s.watched()
	switch {
	case err != nil && refusal(err):
		return &breach{undecided: err.Error()}
	case err != nil:
		return &breach{message: err.Error(), failed: true}
	}
	defer l.recycle(ctx)
	return l.concludes(check(ctx, l))
}

// brisk is the longest that a check waits for something to flow in.
const brisk = 4 * time.Second

// unhurried says why nothing shows in time.
func (s *subject) unhurried(wait time.Duration) *breach {
	if wait <= brisk {
		return nil
	}
	return &breach{undecided: "it would take " + wait.String() + " to see, in real time"}
}
