package scenario

import (
	"time"

	"github.com/fcbench/fcbench/internal/faults"
	"github.com/fcbench/fcbench/internal/redisproc"
	"github.com/fcbench/fcbench/internal/strictyaml"
)

// faults checks the list at n, once the window and the subjects are known.
func (p *parser) faults(s *Scenario, n *strictyaml.Node, list []faults.Config) {
	switch {
	case len(list) == 0:
		return
	case s.Window == 0 && s.Count > 0:
		p.problem(n, "faults stand beside a count, and nobody knows when that is reached; want a duration, in which they come")
		return
	case s.Window == 0: // which has a problem of its own
		return
	case len(s.Subjects) > 0 && !s.NeedsRedis():
		p.problem(n, "faults break Redis, and no subject is on one; want a subject such as {limiter: {kind: redis-gcra, rate: 100/s}}, or no faults")
	}
	items := n.Items()
	sequence, problems := faults.NewSequence(list, s.Window)
	for _, bad := range problems {
		if item := items[bad.Index]; !p.refused(item) {
			p.problem(at(item, bad.Key), "%s", bad.Text)
		}
	}
	s.Faults = sequence
}

// FaultsOf is what a subject has to bear: nothing, where it is not on Redis.
func (s *Scenario) FaultsOf(sub Subject) faults.Sequence {
	if sub.Scope != "redis" {
		return nil
	}
	return s.Faults
}

// Bound is the most that a limiter may admit in any window of a length, in tokens;
// nil where that is not the same for all keys, and of what is no limiter.
func (s Subject) Bound() func(length time.Duration) int64 {
	if len(s.classes) > 0 {
		return nil
	}
	return s.limiter.Bound
}

// CheckFaults reports what keeps the scenario's faults from a Redis: only one
// that fcbench started may be broken.
func (s *Scenario) CheckFaults(redis redisproc.Mode) error {
	p := &parser{}
	switch n := s.doc.Get("faults"); {
	case len(s.Faults) == 0 || redis == redisproc.Private:
	case redis == redisproc.External:
		p.problem(n, "faults break the Redis of the run, and --redis names one that is not fcbench's; want it left out, so that a redis-server is started to be broken")
	default:
		p.problem(n, "faults break the Redis of the run, and there is no redis-server on PATH to start and break; want it installed")
	}
	return p.problems.Err()
}
