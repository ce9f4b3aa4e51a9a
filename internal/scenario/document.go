// Package scenario turns what a user wrote, a file or flags, into trials that
// can be run. Everything is checked before anything is sent, and every problem
// of a document is reported at once, each with its place.
//
// A scenario has one workload and any number of subjects; a trial is one
// subject under that workload. Flags build the same document that a file
// contains, so there is one way in, and what was run can be written down, and
// run again, in the same words.
package scenario

import (
	"time"

	"github.com/fcbench/fcbench/internal/faults"
	"github.com/fcbench/fcbench/internal/hooks"
	"github.com/fcbench/fcbench/internal/observe"
	"github.com/fcbench/fcbench/internal/strictyaml"
	"github.com/fcbench/fcbench/internal/units"
)

// document is a scenario file as it is written. Parts that begin with a kind
// are kept as nodes, because what else they contain depends on it.
type document struct {
	Name     string           `yaml:"name"`
	Seed     uint64           `yaml:"seed"`
	Workload *strictyaml.Node `yaml:"workload"`
	// Workloads are several, by name, in the place of one; see [Several].
	Workloads *strictyaml.Node `yaml:"workloads"`
	// Quick is what is enough for a first look; see [Quick].
	Quick    *quickDocument   `yaml:"quick"`
	Subjects *strictyaml.Node `yaml:"subjects"`
	Load     load             `yaml:"load"`
	protocol `yaml:",inline"`
	// Hooks are what is done before and after all runs, Observe the processes under load.
	Hooks      hooks.Config    `yaml:"hooks"`
	Observe    *observe.Config `yaml:"observe"`
	AllowHosts []string        `yaml:"allow_hosts"`
	MaxRate    units.Rate      `yaml:"max_rate"`
	// Matrix has for paths the values that they take in turn; see [All].
	Matrix *strictyaml.Node `yaml:"matrix"`
	// Params are the paths and values by which one combination differs from others.
	Params *strictyaml.Node `yaml:"params"`
}

// protocol is the part of a document that is neither workload, subject nor load.
type protocol struct {
	Duration units.Duration `yaml:"duration,omitempty"`
	Count    units.Count    `yaml:"count,omitempty"`
	Warmup   units.Duration `yaml:"warmup,omitempty"`
	Repeats  int            `yaml:"repeats"`
	// Timeout is how long a caller waits for the answer to an attempt: one duration,
	// or one for each class, {default: 5s, CLASS: 100ms}.
	Timeout *strictyaml.Node `yaml:"timeout"`
	Drain   units.Duration   `yaml:"drain"`
	SLO     units.Duration   `yaml:"slo,omitempty"`
	// Faults are what is done to the Redis that fcbench started.
	Faults []faults.Config `yaml:"faults,omitempty"`
	// Steps change limits while they are in use.
	Steps      []step   `yaml:"steps,omitempty"`
	Thresholds []string `yaml:"thresholds,omitempty"`
	// Abort is when a run is given up.
	Abort *abort `yaml:"abort,omitempty"`
	// Undisturbed is what of the workload is otherwise where there is no overload.
	Undisturbed *strictyaml.Node `yaml:"undisturbed,omitempty"`
}

// load says how arrivals are released.
type load struct {
	Model       string         `yaml:"model"` // open or closed
	MaxInFlight int            `yaml:"max_in_flight"`
	Clients     int            `yaml:"clients,omitempty"`
	Think       units.Duration `yaml:"think,omitempty"`
	Lanes       lanes          `yaml:"lanes,omitempty"` // goroutines that send
	Retry       *retry         `yaml:"retry,omitempty"`
}

// retry says what callers do whose attempt ended badly.
type retry struct {
	On       []string       `yaml:"on,omitempty"`     // after which outcomes; none: rejected
	Attempts int            `yaml:"attempts"`         // of one arrival at most, the first included
	Wait     units.Duration `yaml:"wait,omitempty"`   // before the next; none: as long as the target asks for
	Jitter   float64        `yaml:"jitter,omitempty"` // up to which share of the wait is added at random
	Backoff  *backoff       `yaml:"backoff,omitempty"`
	Budget   float64        `yaml:"budget,omitempty"` // retries for each first attempt; none: any number
}

// backoff is a wait that grows, drawn anew each time from 0 on.
type backoff struct {
	Base   units.Duration `yaml:"base"`
	Factor float64        `yaml:"factor"` // none: 2
	Cap    units.Duration `yaml:"cap,omitempty"`
}

// workload is the workload section: one stream, or several.
type workload struct {
	stream  `yaml:",inline"`
	Streams []stream `yaml:"streams"`
}

// stream is one source of arrivals.
type stream struct {
	Name     string           `yaml:"name"`
	Arrivals *strictyaml.Node `yaml:"arrivals"`
	Keys     *strictyaml.Node `yaml:"keys"`
	Prefix   string           `yaml:"prefix"`
	Cost     *strictyaml.Node `yaml:"cost"`
	Size     *strictyaml.Node `yaml:"size"`
	Request  string           `yaml:"request"` // of a target's mix; none: any of them
}

const (
	defaultSeed        = 1
	defaultRepeats     = 1
	defaultMaxInFlight = 4096
	defaultTimeout     = "5s"
	defaultDrain       = units.Duration(5 * time.Second)
)

func newDocument() document {
	return document{
		Seed:     defaultSeed,
		Load:     load{Model: "open", MaxInFlight: defaultMaxInFlight},
		Hooks:    hooks.Defaults(),
		protocol: protocol{Repeats: defaultRepeats, Timeout: strictyaml.NewScalar("timeout", defaultTimeout), Drain: defaultDrain},
	}
}
