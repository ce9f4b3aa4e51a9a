package ci

import "fmt"

// NewLock is the lockfile of what was measured, or is going to be: all claims about
// all units, and the values of those that are exact.
func (c Case) NewLock() (*Lockfile, error) {
	l := &Lockfile{Gate: c.Policy.Name}
	for i := range c.Units {
		u := &c.Units[i]
		if c.onlyOn(u) == "a" {
			continue // it is removed
		}
		for _, claim := range c.Policy.Claims {
			if claim.Subject != "" && claim.Subject != u.Subject {
				continue
			}
			one := Locked{ID: u.id(claim.Metric), Margin: claim.Margin.String(), Floor: claim.Floor, Digest: u.Digest}
			if c.Policy.Exact() {
				if len(u.Pairs) == 0 {
					return nil, fmt.Errorf("%s: nothing was measured; want it measured before it is locked", one.ID)
				}
				v, err := u.Pairs[0].B.Value(claim.Metric)
				if err != nil {
					return nil, fmt.Errorf("%s: %w; want a claim with a subject that has it", one.ID, err)
				}
				one.Value = &v
			}
			l.Claims = append(l.Claims, one)
		}
	}
	for _, claim := range c.Policy.Claims {
		found := false
		for _, u := range c.Units {
			found = found || claim.Subject == "" || claim.Subject == u.Subject
		}
		if !found {
			return nil, fmt.Errorf("%s: claim about %s is of subject %q, of which there is none", claim.Pos, claim.Metric, claim.Subject)
		}
	}
	if len(l.Claims) == 0 {
		return nil, fmt.Errorf("no claim is about anything; want at least one")
	}
	return l, nil
}
