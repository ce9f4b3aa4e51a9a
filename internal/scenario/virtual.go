package scenario

// CheckVirtual reports everything that keeps the scenario from virtual time:
// subjects that take real time to answer, and closed loops that nothing moves on.
func (s *Scenario) CheckVirtual() error {
	p := &parser{}
	for _, sub := range s.Subjects {
		if sub.Scope == "service" {
			p.problem(sub.node, "%s runs in real time only; want it without --virtual", sub.Kind)
		}
	}
	if s.Load.Closed && s.Load.Think == 0 && s.Count == 0 {
		p.problem(at(s.doc, "load"), "a closed loop without think time never ends in virtual time; want --think or -n")
	}
	return p.problems.Err()
}
