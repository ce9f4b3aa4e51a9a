package observe

import (
	"fmt"
	"time"

	"github.com/fcbench/fcbench/internal/procfs"
	"github.com/fcbench/fcbench/results"
)

// Usage is what the observed processes did in the window, all of them together.
// Of a process that ended within it, what it did since the last look is not known.
type Usage struct {
	What      string // was observed
	Processes int    // that were seen
	Wall, CPU time.Duration
	PeakRSS   uint64 // bytes, the most at any look
	Threads   int    // likewise
	Files     int    // descriptors, likewise; 0 where we may not know
	Switches  Switches
	Ended     []End // processes that ended within the window
}

// Switches are how often threads gave up their core, to wait for something, and
// how often they were taken off it. Threads that ended are left out.
type Switches struct{ Voluntary, Involuntary uint64 }

// End is that of a process.
type End struct {
	Process string
	After   time.Duration // from the opening of the window until it was noticed
}

func (s *Switches) add(before, after map[int]procfs.Switches) {
	for id, now := range after {
		then := before[id] // none of a thread that was born meanwhile
		if now.Voluntary < then.Voluntary || now.Involuntary < then.Involuntary {
			then = procfs.Switches{} // another with the same number
		}
		s.Voluntary += now.Voluntary - then.Voluntary
		s.Involuntary += now.Involuntary - then.Involuntary
	}
}

// Cost is the usage as it stands in a result file, for a run of so many requests.
func (u Usage) Cost(requests uint64) *results.TargetCost {
	c := &results.TargetCost{
		Observed: u.What, Processes: u.Processes, PeakRSSBytes: u.PeakRSS, Threads: u.Threads, FDs: u.Files,
		VoluntarySwitches: u.Switches.Voluntary, InvoluntarySwitches: u.Switches.Involuntary,
	}
	if requests > 0 {
		c.CPUNSPerOp = float64(u.CPU) / float64(requests)
	}
	if u.Wall > 0 {
		c.CPUShare = float64(u.CPU) / float64(u.Wall)
	}
	for _, e := range u.Ended {
		c.Ended = append(c.Ended, results.TargetEnd{Process: e.Process, AtNS: int64(e.After)})
	}
	return c
}

// String says what is observed.
func (o *Observer) String() string {
	switch n := len(o.processes); {
	case n == 1 && o.group == nil:
		return o.processes[0].String()
	case n == 1:
		return fmt.Sprintf("%s (1 process)", o.what)
	default:
		return fmt.Sprintf("%s (%d processes)", o.what, n)
	}
}
