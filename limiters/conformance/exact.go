package conformance

import (
	"math/rand/v2"
)

// varied makes requests of several keys, some with years between them.
func varied(s *subject, rng *rand.Rand) []request {
	if rng.IntN(16) == 0 {
		return idle(s, rng)
	}
	return several(s, rng)
}

func playAdmits(s *subject, requests []request) *breach { return playExact(s, requests, true) }

func playDenials(s *subject, requests []request) *breach { return playExact(s, requests, false) }

// playExact compares every decision with an exact model, which is charged with
// what the limiter really granted, and looks for wrong ones of one kind.
func playExact(s *subject, requests []request, admits bool) *breach {
	judge, err := s.judge()
	c := s.caller()
	if err != nil {
		return c.breach("%v", err)
	}
	for _, r := range requests {
		c.request(r)
		if c.err != nil {
			return c.broken()
		}
		judge.Observe(s.observation(c.steps[len(c.steps)-1]))
	}
	for _, v := range judge.Report().Violations {
		if v.Allowed == admits {
			return c.breach("%v", v)
		}
	}
	return nil
}
