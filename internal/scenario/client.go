package scenario

import (
	"slices"

	"github.com/fcbench/fcbench/internal/builtin"
	"github.com/fcbench/fcbench/internal/faults"
)

// clients settles which limiters on Redis are called by a client, and refuses those
// that are to be without one where it would not do.
func (p *parser) clients(s *Scenario) {
	slow := slices.ContainsFunc(s.Faults, func(f faults.Config) bool { return f.Kind == faults.Slow })
	for i := range s.Subjects {
		sub := &s.Subjects[i]
		why := ""
		if sub.family == "target" && sub.Scope == "redis" && slow {
			p.problem(sub.node, "redis stands beside a fault of the kind slow, which delays what clients read, and has none; want another fault")
		}
		switch {
		case sub.limiter.Client == "":
			continue
		case len(sub.steps) > 0:
			why = "steps change its limit"
		case slow:
			why = "there is a fault of the kind slow, which delays what clients read"
		case sub.someCarried():
			why = "some classes have a policy for errors (on_error, deadline, breaker), and others none"
		}
		if sub.called = why != ""; sub.called && sub.limiter.Client == builtin.Wire {
			p.problem(at(sub.node, "client"), "client is wire, and %s; want go-redis, or auto, which is that here", why)
		}
	}
}

// someCarried reports whether the calls of some classes can be carried without a client,
// and those of others not: one asks for all of them.
func (s Subject) someCarried() bool {
	return slices.ContainsFunc(s.classes, func(c class) bool { return c.own && c.carried != s.limiter.Carried })
}
