package scenario

import (
	"github.com/fcbench/fcbench/internal/builtin"
	"github.com/fcbench/fcbench/internal/strictyaml"
	"github.com/fcbench/fcbench/internal/units"
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
	p.problems = append(p.problems, s.Allocations()...)
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

// Allocates reports whether a pipeline allocates for the items that it serves.
func (s *Scenario) Allocates() bool { return len(s.Allocations()) > 0 }

// Allocations are what keeps pipelines from virtual time that allocate for the items
// that they serve. What several subjects owe to one place is said once.
func (s *Scenario) Allocations() strictyaml.Problems {
	p := &parser{}
	for _, sub := range s.Subjects {
		for i, stage := range sub.flow.Stages {
			if stage.Allocate == 0 {
				continue
			}
			n := sub.node
			if i > 0 {
				n = n.Get("then").Items()[i-1]
			}
			p.addNew(strictyaml.Problems{at(n, "allocate").Problemf("allocate is %v, and virtual time has no memory for a collector to look after; want it without --virtual", units.Size(stage.Allocate))})
		}
	}
	return p.problems
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
