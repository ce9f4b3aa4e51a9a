package oracle

// callers counts, for each of those who share the keys, what it asked for and
// what it got, both in tokens.
type callers []struct{ asked, admitted int64 }

// maxCallers is how many are told apart. Those beyond are not counted.
const maxCallers = 1024

func (c *callers) see(o *Observation) {
	i := int(o.Caller) - 1
	if i >= maxCallers {
		return
	}
	for len(*c) <= i {
		*c = append(*c, struct{ asked, admitted int64 }{})
	}
	one := &(*c)[i]
	one.asked = sum(one.asked, o.N)
	if o.Allowed {
		one.admitted = sum(one.admitted, o.N)
	}
}

// Fairness compares callers who share keys, over all of them: the share of what
// it asked for that each one got.
type Fairness struct {
	Callers int     // those that asked
	Jain    float64 // (Σx)²/(n·Σx²): 1 when all got the same share, 1/n when one got all; 0 for fewer than two
}

func (c callers) report() Fairness {
	var f Fairness
	var total, squares float64
	for _, one := range c {
		if one.asked > 0 {
			x := float64(one.admitted) / float64(one.asked)
			f.Callers++
			total += x
			squares += x * x
		}
	}
	switch {
	case f.Callers < 2:
	case squares == 0:
		f.Jain = 1 // nothing, for all alike
	default:
		f.Jain = total * total / (float64(f.Callers) * squares)
	}
	return f
}
