package results

// Standing is what became of a threshold. Over several runs it is the gravest
// of theirs, which is their max: a threshold is missed when one run misses it.
type Standing uint8

// The standings, from best to worst.
const (
	Kept Standing = iota + 1
	Unknown
	Missed
)

// Standing is Unknown where the run lacks the metric.
func (c Check) Standing() Standing {
	switch {
	case c.OK:
		return Kept
	case c.NoData:
		return Unknown
	}
	return Missed
}
