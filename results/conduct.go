package results

import (
	"encoding/json"

	"github.com/fcbench/fcbench/internal/units"
)

// Load says how arrivals were released.
type Load struct {
	Model       string         `json:"model,omitempty"` // "open" or "closed"
	MaxInFlight int            `json:"max_in_flight,omitempty"`
	Clients     int            `json:"clients,omitempty"` // of a closed loop
	Think       units.Duration `json:"think,omitempty"`   // of each client between an answer and its next request
	Lanes       int            `json:"lanes,omitempty"`   // goroutines that sent; none: one
	Retry       *Retry         `json:"retry,omitempty"`

	rest []Setting
}

// Retry says what callers did whose attempt ended badly.
type Retry struct {
	On       []string       `json:"on,omitempty"`     // after which outcomes; none: rejected
	Attempts int            `json:"attempts"`         // of one arrival at most, the first included
	Wait     units.Duration `json:"wait,omitempty"`   // before the next; none: as long as the target asked for
	Jitter   float64        `json:"jitter,omitempty"` // up to which share of the wait was added at random
	Backoff  *Backoff       `json:"backoff,omitempty"`
	Budget   float64        `json:"budget,omitempty"` // retries for each first attempt; none: any number
}

// Backoff is a wait that grew from retry to retry, drawn anew each time from 0 on.
type Backoff struct {
	Base   units.Duration `json:"base"`
	Factor float64        `json:"factor"`
	Cap    units.Duration `json:"cap,omitempty"` // none: no bound
}

// Closed reports whether clients waited for their answers before they went on,
// so that the number of requests was not known beforehand.
func (l Load) Closed() bool { return l.Model == "closed" }

// String tells loads apart.
func (l Load) String() string {
	object, _ := l.MarshalJSON() // which has no errors
	return string(object)
}

// Protocol is what else it takes to make the run again.
type Protocol struct {
	Duration   units.Duration `json:"duration,omitempty"` // of the measured window, if time was to end it
	Count      units.Count    `json:"count,omitempty"`    // of its arrivals, if a number was to end it
	Warmup     units.Duration `json:"warmup,omitempty"`
	Repeats    int            `json:"repeats,omitempty"` // that were planned
	Timeout    Timeouts       `json:"timeout,omitzero"`  // of an attempt
	Drain      units.Duration `json:"drain"`
	SLO        units.Duration `json:"slo,omitempty"`
	Faults     []PlannedFault `json:"faults,omitempty"`
	Steps      []PlannedStep  `json:"steps,omitempty"`
	Thresholds []string       `json:"thresholds,omitempty"` // as [ParseThreshold] reads them
	Abort      *PlannedAbort  `json:"abort,omitempty"`
	// Undisturbed is what of the workload is otherwise in a run that is not overloaded.
	Undisturbed json.RawMessage `json:"undisturbed,omitempty"`

	rest []Setting
}

// PlannedAbort gave the run up when one of the conditions held.
type PlannedAbort struct {
	On     []string       `json:"on"`     // as [ParseThreshold] reads them
	Window units.Duration `json:"window"` // over which they held
	After  units.Duration `json:"after"`  // from the start of the warm-up, before which nobody looked
}

// PlannedFault is one that was to befall the Redis of the run. What it did is a [Fault].
type PlannedFault struct {
	At    units.Duration `json:"at"` // from the beginning of the window
	Kind  string         `json:"kind"`
	For   units.Duration `json:"for,omitempty"`
	Delay units.Duration `json:"delay,omitempty"` // of every reply
}

// PlannedStep changed the limit of the subject while it ran.
type PlannedStep struct {
	At  units.Duration `json:"at"`  // from the beginning of the window
	Set map[string]any `json:"set"` // the subject, and its values from then on
}

// Environment is what two comparable runs have in common. What is not known is
// zero.
type Environment struct {
	Version    string  `json:"fcbench,omitempty"`
	Revision   string  `json:"revision,omitempty"` // of fcbench; "+dirty" when built from changed files
	Go         string  `json:"go,omitempty"`
	OS         string  `json:"os,omitempty"`
	Arch       string  `json:"arch,omitempty"`
	Kernel     string  `json:"kernel,omitempty"`
	CPU        string  `json:"cpu,omitempty"`
	Cores      int     `json:"cores,omitempty"`
	GOMAXPROCS int     `json:"gomaxprocs,omitempty"`
	QuotaCores float64 `json:"quota_cores,omitempty"`   // CPU quota: the smallest of the own cgroup and those above; 0 for none
	QuotaWhy   string  `json:"quota_unknown,omitempty"` // why it is not known whether there is one; "" where it is
	Clock      string  `json:"clocksource,omitempty"`
	ClockRead  float64 `json:"clock_read_ns,omitempty"` // what one look at the monotonic clock costs
	Redis      string  `json:"redis,omitempty"`         // version and where it listens, of a run that had one

	rest []Setting
}

// UsableCores is how many cores the process could keep busy: no more than
// GOMAXPROCS, than its affinity left it, and than its quota.
func (e Environment) UsableCores() float64 {
	cores := float64(min(e.GOMAXPROCS, e.Cores))
	if e.QuotaCores > 0 {
		cores = min(cores, e.QuotaCores)
	}
	return cores
}

// MarshalJSON writes the load with whatever members another version gave it.
func (l Load) MarshalJSON() ([]byte, error) { return writeOpen(l, l.rest) }

// UnmarshalJSON reads a load of any version.
func (l *Load) UnmarshalJSON(object []byte) (err error) {
	l.rest, err = readOpen(object, l)
	return err
}

// MarshalJSON writes the protocol with whatever members another version gave it.
func (p Protocol) MarshalJSON() ([]byte, error) { return writeOpen(p, p.rest) }

// UnmarshalJSON reads a protocol of any version.
func (p *Protocol) UnmarshalJSON(object []byte) (err error) {
	p.rest, err = readOpen(object, p)
	return err
}

// MarshalJSON writes the environment with whatever members another version gave it.
func (e Environment) MarshalJSON() ([]byte, error) { return writeOpen(e, e.rest) }

// UnmarshalJSON reads an environment of any version.
func (e *Environment) UnmarshalJSON(object []byte) (err error) {
	e.rest, err = readOpen(object, e)
	return err
}
