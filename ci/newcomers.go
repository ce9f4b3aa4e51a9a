package ci

// onlyOn is the side that alone has a benchmark, "a" or "b": one that the change removes, or
// adds. It is "" where both have it.
func (c Case) onlyOn(u *Unit) string {
	if !c.Policy.Bench() {
		return ""
	}
	a, b := false, false
	for _, p := range u.Pairs {
		a, b = a || p.A.Bench != nil, b || p.B.Bench != nil
	}
	switch {
	case a && !b:
		return "a"
	case b && !a:
		return "b"
	}
	return ""
}

// removed reports whether a claim is about what the change removes, from the lockfile too.
func (c Case) removed(u *Unit, claim Claim) bool {
	_, known := c.Lock.of(u.id(claim.Metric))
	return !known && c.onlyOn(u) == "a"
}

// added reports whether a claim is about what the change adds, of which every run has the metric.
func (c Case) added(u *Unit, claim Claim) bool {
	if c.onlyOn(u) != "b" {
		return false
	}
	for _, p := range u.Pairs {
		if _, err := p.B.Value(claim.Metric); err != nil {
			return false
		}
	}
	return true
}
