package results

// Time is the kind of time that a run takes place in.
type Time string

// The kinds of time.
const (
	Real    Time = "real"    // the world's
	Virtual Time = "virtual" // the run's own: it moves to the next instant at which something happens
	Bubble  Time = "bubble"  // likewise, for a subject that reads the clock itself, in a process of its own
)

// Simulated reports whether time is not the world's: whatever takes time by
// itself takes none.
func (t Time) Simulated() bool { return t != Real }
