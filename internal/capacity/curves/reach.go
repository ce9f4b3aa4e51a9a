package curves

import "slices"

// ready is a panel whose axes reach over all that is in it, and in which everything has
// a place.
func (p panel) ready() panel {
	p.marks = slices.DeleteFunc(slices.Clone(p.marks), func(m mark) bool { return !number(m.x) || !number(m.y) })
	p.fit = slices.DeleteFunc(slices.Clone(p.fit), func(s stretch) bool {
		return !number(s.x) || !number(s.low) || !number(s.high) || p.y.log && s.low <= 0
	})
	if p.bound != nil && (!number(*p.bound) || p.y.log && *p.bound <= 0) {
		p.bound = nil
	}
	if len(p.marks) == 0 {
		return p
	}
	p.x.values, p.y.values = slices.Clone(p.x.values), slices.Clone(p.y.values)
	for _, m := range p.marks {
		p.x.values, p.y.values = append(p.x.values, m.x), append(p.y.values, m.y)
	}
	p.y.values = append(p.y.values, p.fitted()...)
	if p.bound != nil {
		p.y.values = append(p.y.values, *p.bound)
	}
	if p.y.log {
		p.onFoot()
	}
	return p.placeKnee()
}

// fitted are the ends of the band, not farther from the trials than a factor: what is
// hardly known may be far away.
func (p panel) fitted() (all []float64) {
	const reach = 3
	for _, s := range p.fit {
		all = append(all, s.middle)
		low, high := max(s.low, s.middle/reach), min(s.high, s.middle*reach)
		all = append(all, low, high)
	}
	return all
}

// onFoot takes what a logarithmic axis has no place for to its foot, and makes sure that
// there is something above it.
func (p *panel) onFoot() {
	p.y.values = slices.DeleteFunc(p.y.values, func(v float64) bool { return v <= 0 })
	for i := range p.marks {
		p.marks[i].foot = p.marks[i].y <= 0
	}
	if len(p.y.values) == 0 {
		p.y.values = []float64{1}
	}
}

// placeKnee leaves the knee out where it is not near the trials that are drawn.
func (p panel) placeKnee() panel {
	if p.knee == nil {
		return p
	}
	if k := p.knee; !number(k.Value) || !number(k.Low) || !number(k.High) || k.Value < slices.Min(p.x.values)/2 || k.Value > 2*slices.Max(p.x.values) {
		p.knee = nil
		return p
	}
	p.x.values = append(p.x.values, p.knee.Low, p.knee.High)
	return p
}
