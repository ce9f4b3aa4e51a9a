package oracle

import "time"

// composite is several buckets of which all must agree: a request is granted
// when it fits into each, and is then charged to each.
type composite []bucket

func compositeModel(limits []Limit) func() model {
	scales := make([]*scale, len(limits))
	for i, l := range limits {
		scales[i] = newScale(l)
	}
	return func() model {
		c := make(composite, len(scales))
		for i, s := range scales {
			c[i].scale = s
		}
		return c
	}
}

func (c composite) advance(at time.Duration) {
	for i := range c {
		c[i].advance(at)
	}
}

func (c composite) admits(n int64) bool {
	for i := range c {
		if !c[i].admits(n) {
			return false
		}
	}
	return true
}

func (c composite) admitsAt(at time.Duration, n int64) bool {
	for i := range c {
		if !c[i].admitsAt(at, n) {
			return false
		}
	}
	return true
}

func (c composite) take(at time.Duration, n int64, _ time.Duration) {
	for i := range c {
		c[i].take(at, n, 0)
	}
}

func (c composite) room() int64 {
	room := c[0].room()
	for i := range c {
		room = min(room, c[i].room())
	}
	return room
}

func (c composite) gone(at time.Duration) bool {
	for i := range c {
		if !c[i].gone(at) {
			return false
		}
	}
	return true
}
