package ci

import "fmt"

// Between is the policy with other revisions of what its side b is: before at one, after
// at the other.
func (p *Policy) Between(before, after string) (*Policy, error) {
	q := *p
	if p.Bounded() {
		return nil, fmt.Errorf("%s has no side a; want one, since commits are compared with the good one", p.File)
	}
	if p.B == nil || p.B.Build == nil && p.B.FCBench == nil && p.B.Bench == nil {
		return nil, fmt.Errorf("side b of %s is of no revision; want a build, fcbench or bench with a ref", p.File)
	}
	q.A, q.B = p.B.at(before), p.B.at(after)
	return &q, nil
}

// at is the side at another revision.
func (s *Side) at(ref string) *Side {
	t := *s
	for _, b := range []**Build{&t.Build, &t.FCBench} {
		if *b != nil {
			one := **b
			one.Ref = ref
			*b = &one
		}
	}
	if t.Bench != nil {
		one := *t.Bench
		one.Ref = ref
		t.Bench = &one
	}
	return &t
}
