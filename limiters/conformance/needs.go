package conformance

import (
	"fmt"
	"slices"

	"github.com/fcbench/fcbench/limiters"
)

// A need says why a rule does not apply to a subject; nothing when it does.
type need func(s *subject) string

func needs(all ...need) []need { return all }

// unless is reason, unless met.
func unless(met bool, reason string, args ...any) string {
	if met {
		return ""
	}
	return fmt.Sprintf(reason, args...)
}

// rated is for limiters of a rate.
func rated(s *subject) string {
	return unless(!s.holds(), "it limits what is held at once, not a rate")
}

// timed is for those that can be brought to any later instant.
func timed(s *subject) string {
	return unless(s.free() || s.moved(), "it goes by %s, which cannot be set here", s.clockName())
}

// free is for those that can be brought to any instant.
func free(s *subject) string {
	if reason := timed(s); reason != "" {
		return reason
	}
	return unless(s.free(), "it goes by %s, which does not go back", s.clockName())
}

// exact is for what promises more than its Bound.
func exact(s *subject) string {
	return unless(!s.info.Approximate, "it promises no more than its Bound")
}

// ebbs is for what is spent and comes back, and does not begin anew at an instant of
// its own.
func ebbs(s *subject) string {
	return unless(!s.window() || s.info.Algorithm == "sliding-window-log", "its windows begin anew")
}

// aligned is for windows that begin where anybody can tell.
func aligned(s *subject) string {
	return unless(s.info.Aligned(), "its windows begin at its %s", s.info.Windows)
}

func (s *subject) clockName() string {
	switch s.info.TimeSource {
	case limiters.TimeClock:
		return "the clock"
	case limiters.TimeRedis:
		return "the server's clock"
	}
	return "the " + s.info.TimeSource
}

func bucket(s *subject) string {
	return unless(!s.window() && !s.info.Shaper && len(s.also) == 0, "it is not one bucket")
}

func shaper(s *subject) string { return unless(s.info.Shaper, "it lets nothing wait") }

func window(s *subject) string { return unless(s.window(), "it has no windows") }

func model(s *subject) string {
	if s.info.Approximate {
		return exact(s)
	}
	if _, err := s.judge(); err != nil {
		return "there is no exact model of " + s.info.Algorithm
	}
	return unless(!s.info.Shaper || s.endless || !s.denial().Allowed, "it takes in without end, and says that it does not")
}

// alone is for one limit: of several the one can be as good as new, and the other not.
func alone(s *subject) string { return unless(len(s.also) == 0, "it enforces several limits") }

// finite is for what has a capacity.
func finite(s *subject) string { return unless(!s.endless, "it takes in whatever comes") }

func weighted(s *subject) string {
	return unless(!s.info.Unweighted, "it grants single tokens only")
}

func keyed(s *subject) string { return unless(!s.info.Unkeyed, "it has no keys") }

func denies(s *subject) string {
	return unless(!s.info.Shaper, "it makes callers wait where others deny")
}

func peeker(s *subject) string {
	return unless(has[limiters.Peeker](s), "it cannot be asked without taking")
}

func reclaimer(s *subject) string {
	return unless(has[limiters.Reclaimer](s), "it keeps no state here that could be reclaimed")
}

func unshared(s *subject) string {
	return unless(!s.Shared, "one limiter serves all schedules, and remembers for the others")
}

// ownKeys is not met where the keys were given to a library that has none.
func ownKeys(s *subject) string {
	return unless(!slices.Contains(s.info.Lacks, "keys"), "its library has no keys, and need not tell when one is as good as new")
}

func concurrent(s *subject) string { return unless(s.Concurrent, "it is not called concurrently here") }

func noAllocation(s *subject) string {
	return unless(s.NoAllocation, "it is not held to that here")
}

// once is for rules that one limit says everything about.
func once(s *subject) string { return unless(s.first, "it was checked under another limit") }

func tellsRetry(s *subject) string {
	return unless(s.denial().RetryAfter != limiters.Unknown, "it does not tell how long to wait")
}

func tellsReset(s *subject) string {
	return s.tells("when it is as good as new", func(d limiters.Decision) bool { return d.ResetAfter != limiters.Unknown })
}

func tellsRemaining(s *subject) string {
	return s.tells("how much remains", func(d limiters.Decision) bool { return d.Remaining >= 0 })
}

func tellsAt(s *subject) string {
	if !s.tellsInstant() {
		return "it does not tell at which instant it decided"
	}
	return s.tells("at which instant it decided", func(d limiters.Decision) bool { return d.At >= 0 })
}

// tellsInstant reports whether Decision.At is more than the now that was given.
// Of some that is not known until they have answered.
func (s *subject) tellsInstant() bool {
	s.denial()
	return !slices.Contains(s.info.Lacks, limiters.NoInstant)
}

// tells looks at a grant and at a denial: what is told of either is told.
func (s *subject) tells(what string, known func(limiters.Decision) bool) string {
	return unless(known(s.denial()) || known(s.seen.grant), "it does not tell %s", what)
}

// answers are the first grant, and what came after all there is was taken.
type answers struct{ grant, denial limiters.Decision }

// denial is what comes after all there is was taken; of a shaper it may be a grant.
func (s *subject) denial() limiters.Decision {
	if s.seen == nil {
		c := s.caller()
		s.seen = &answers{grant: c.allow(0, 1)}
		c.drain(0, s.capacity, s.most())
		s.seen.denial = c.allow(0, 1)
		if said, ok := limiters.As[limiters.Described](c.limiter); ok {
			s.info.Lacks = said.Info().Lacks
		}
	}
	return s.seen.denial
}
