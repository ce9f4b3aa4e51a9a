package results

import (
	"fmt"
	"time"
)

// TargetCost is what the measured window cost the processes under load, all of
// them together, as seen from outside.
type TargetCost struct {
	Observed            string      `json:"observed"`  // what was: a process, or a name or control group and how many processes
	Processes           int         `json:"processes"` // that were seen in the window
	CPUNSPerOp          float64     `json:"cpu_ns_per_op"`
	CPUShare            float64     `json:"cpu_share"`      // of one core
	PeakRSSBytes        uint64      `json:"peak_rss_bytes"` // the most at once of those that were looked at, five times a second
	Threads             int         `json:"threads"`        // likewise
	FDs                 int         `json:"fds"`            // likewise, once a second; 0 where we may not know
	VoluntarySwitches   uint64      `json:"voluntary_switches"`
	InvoluntarySwitches uint64      `json:"involuntary_switches"`
	Ended               []TargetEnd `json:"ended,omitempty"` // processes that ended before the window did
}

// TargetEnd says when a process was found to have ended, from the beginning of
// the measured window.
type TargetEnd struct {
	Process string `json:"process"`
	AtNS    int64  `json:"at_ns"`
}

// Warnings says which processes did not live as long as the window, so that the
// cost is of a part of it.
func (c *TargetCost) Warnings() []string {
	if len(c.Ended) == 0 {
		return nil
	}
	first := c.Ended[0]
	return []string{fmt.Sprintf("observe: %d of %d processes ended before the window did, the first, %s, after %s; their cost is of the time until then",
		len(c.Ended), c.Processes, first.Process, Short(time.Duration(first.AtNS)))}
}

// target is known where the processes under load were observed.
func target() []entry {
	field := func(name, unit, doc string, get func(*TargetCost) float64) entry {
		path := "target." + name
		return entry{Metric: Metric{path, unit, Lower, doc}, pattern: path, get: func(r *Run) (float64, bool) {
			if r.Target == nil {
				return 0, false
			}
			return get(r.Target), true
		}}
	}
	return []entry{
		field("cpu_per_op", UnitNS, "CPU time of the observed processes per attempt", func(c *TargetCost) float64 { return c.CPUNSPerOp }),
		field("cpu_share", UnitShare, "CPU time of the observed processes, of one core", func(c *TargetCost) float64 { return c.CPUShare }),
		field("peak_rss", UnitBytes, "largest resident memory of the observed processes together", func(c *TargetCost) float64 { return float64(c.PeakRSSBytes) }),
	}
}
