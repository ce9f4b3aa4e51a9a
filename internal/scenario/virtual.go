package scenario

import (
	"github.com/fcbench/fcbench/internal/builtin"
	"github.com/fcbench/fcbench/limiters"
)

// CheckVirtual reports everything that keeps the scenario from virtual time:
// subjects that take real time to answer, faults, which a real server has, and
// closed loops that nothing moves on.
func (s *Scenario) CheckVirtual() error {
	p := &parser{}
	for _, sub := range s.Subjects {
		if !sub.followsVirtualTime() {
			p.problem(sub.node, "%s runs in real time only; want it without --virtual", sub.Kind)
		}
	}
	if s.Load.Lanes > 1 {
		p.problem(at(s.doc, "load", "lanes"), "lanes is %d, and virtual time has one; want 1, or no --virtual", s.Load.Lanes)
	}
	if s.Observe != nil {
		p.problem(s.doc.Get("observe"), "processes are observed in real time only; want the scenario without --virtual")
	}
	if len(s.Faults) > 0 {
		p.problem(s.doc.Get("faults"), "faults happen in real time only; want the scenario without --virtual")
	}
	if s.Load.Closed && s.Load.Think == 0 && s.Count == 0 {
		p.problem(at(s.doc, "load"), "a closed loop without think time never ends in virtual time; want --think or -n")
	}
	return p.problems.Err()
}

// followsVirtualTime reports whether a limiter can be told the time, by an
// argument or by a bubble around it, or another subject follows it.
func (s Subject) followsVirtualTime() bool {
	if s.family != "limiter" {
		return s.virtual
	}
	l, err := builtin.Limiters(builtin.Env{InjectTime: true}).Make(s.Kind, s.config)
	if err != nil {
		return false
	}
	d := builtin.Describe(l)
	return d.Bound == nil || d.Info.TimeSource == limiters.TimeArgument || d.Info.TimeSource == limiters.TimeClock
}
