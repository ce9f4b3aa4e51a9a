package sim

import (
	"errors"
	"fmt"
	"math"
	"math/bits"
	"time"

	"github.com/fcbench/fcbench/pipelines"
)

// Pace is how fast the workers of a stage are in the course of a run. The zero
// Pace is that of the service times as they are drawn.
type Pace struct {
	// Changes are in the order of time.
	Changes []Change
	// Drift is by how much service that begins later takes longer, in millionths
	// of it for each second of the run.
	Drift int64
}

// Change is a pace from an instant on: also of what is being served then.
type Change struct {
	At time.Duration
	// Slower is how many times as long service takes, in millionths; 0 where the
	// workers stand still.
	Slower int64
}

// One is the pace of service times as they are drawn.
const One = 1_000_000

const maxPace = One * One

func (p Pace) check() error {
	var problems []error
	if p.Drift < 0 || p.Drift > maxPace {
		problems = append(problems, fmt.Errorf("drift is %d millionths a second; want 0 to a million times", p.Drift))
	}
	last := time.Duration(-1)
	for _, c := range p.Changes {
		if c.At <= last {
			problems = append(problems, fmt.Errorf("change at %v; want each later than the one before, and none before 0s", c.At))
		}
		if c.Slower < 0 || c.Slower > maxPace {
			problems = append(problems, fmt.Errorf("service is %d millionths times as long from %v on; want 0 to a million times", c.Slower, c.At))
		}
		last = c.At
	}
	return errors.Join(problems...)
}

// End is when service is over that begins at now and takes so long at the pace of
// One; Forever where it never is.
func (p Pace) End(now, work time.Duration) time.Duration {
	work = add(work, scale(scale(work, int64(now), int64(time.Second)), p.Drift, One))
	slower := int64(One)
	for _, c := range p.Changes {
		if c.At > now {
			end := finish(now, work, slower)
			if end <= c.At {
				return end
			}
			work -= progress(c.At-now, slower)
			now = c.At
		}
		slower = c.Slower
	}
	return finish(now, work, slower)
}

// finish is when work is done that goes on from now at a pace.
func finish(now, work time.Duration, slower int64) time.Duration {
	if slower == 0 {
		return pipelines.Forever
	}
	return add(now, scale(work, slower, One))
}

// progress is how much work is done in a time.
func progress(d time.Duration, slower int64) time.Duration {
	if slower == 0 {
		return 0
	}
	return scale(d, One, slower)
}

// scale is d × by / over, rounded down; Forever where that is too long.
func scale(d time.Duration, by, over int64) time.Duration {
	high, low := bits.Mul64(uint64(d), uint64(by))
	if high >= uint64(over) {
		return pipelines.Forever
	}
	q, _ := bits.Div64(high, low, uint64(over))
	return time.Duration(min(q, math.MaxInt64))
}

func add(a, b time.Duration) time.Duration { return a + min(b, pipelines.Forever-a) }
