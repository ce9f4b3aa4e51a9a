package control

// latch is a threshold with hysteresis: it is entered when a value has been above it for
// some steps in a row, and left when the value has been below a lower one for more.
type latch struct {
	above, below int64
	enter, leave int
	on           bool
	run          int // steps in a row that speak for a change
}

func (l *latch) see(v int64) bool {
	speaks, steps := v > l.above, l.enter
	if l.on {
		speaks, steps = v < l.below, l.leave
	}
	if l.run++; !speaks {
		l.run = 0
	}
	if l.run >= steps {
		l.on, l.run = !l.on, 0
	}
	return l.on
}
