// Package faults breaks the Redis of a run on purpose and measures what that
// does to decisions.
//
// A scenario lists its faults ([Config]); [NewSequence] checks the list as a whole.
// While the run lasts, [Sequence.Inject] brings each fault about at its instant and
// ends it again, on a goroutine of its own. A [Watch] is told of every decision
// and says of each fault who decided while it was in force, how much longer that
// took than before, what was admitted against what the limit allows, and how
// long after its end the limiter itself decided everything again.
package faults

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/fcbench/fcbench/internal/nearest"
	"github.com/fcbench/fcbench/internal/units"
)

// Kind is what is done to the server.
type Kind string

// The kinds. Those that last have an end, where it is undone.
const (
	Kill             Kind = "kill"
	Pause            Kind = "pause"
	Slow             Kind = "slow"
	ReadOnly         Kind = "read-only"
	OutOfMemory      Kind = "out-of-memory"
	Evict            Kind = "evict"
	Failover         Kind = "failover"
	FlushScripts     Kind = "flush-scripts"
	ResetConnections Kind = "reset-connections"
)

// Kinds lists all kinds, in the order of listings.
var Kinds = [...]Kind{Kill, Pause, Slow, ReadOnly, OutOfMemory, Evict, Failover, FlushScripts, ResetConnections}

// Doc says in a line what the kind is.
func (k Kind) Doc() string {
	return map[Kind]string{
		Kill:             "killed as by a crash; started again, empty",
		Pause:            "stopped in its tracks; resumed",
		Slow:             "every reply delayed",
		ReadOnly:         "refuses writes with READONLY",
		OutOfMemory:      "refuses writes with OOM",
		Evict:            "throws away half of its keys for want of memory, and more for each new one",
		Failover:         "writes no longer reach its replica, which then takes its place",
		FlushScripts:     "forgets its scripts, at once",
		ResetConnections: "closes all connections, at once",
	}[k]
}

// forgets reports whether limiters lose what they have stored by a fault of the
// kind, which they cannot know.
func (k Kind) forgets() bool { return k == Kill || k == Evict || k == Failover }

// lasts reports whether a fault of the kind has a length.
func (k Kind) lasts() bool { return k != FlushScripts && k != ResetConnections }

// Config is a fault as a scenario writes it.
type Config struct {
	At    units.Duration `yaml:"at"`              // from the beginning of the measured window
	Kind  Kind           `yaml:"kind"`            // one of Kinds
	For   units.Duration `yaml:"for,omitempty"`   // how long it lasts; none for those that happen at once
	Delay units.Duration `yaml:"delay,omitempty"` // of every reply, for slow
}

// String says what happens, and when.
func (c Config) String() string {
	text := string(c.Kind)
	if c.Delay != 0 {
		text += fmt.Sprintf(" by %v", c.Delay)
	}
	text += fmt.Sprintf(" at %v", c.At)
	if c.For != 0 {
		text += fmt.Sprintf(" for %v", c.For)
	}
	return text
}

// Problem is one thing that is wrong with a list of faults.
type Problem struct {
	Index int    // of the fault in the list
	Key   string // the part of it that is wrong
	Text  string
}

// check says everything that is wrong with c, the fault number index, in a
// measured window.
func (c Config) check(index int, window time.Duration) (problems []Problem) {
	bad := func(key, format string, args ...any) {
		problems = append(problems, Problem{index, key, fmt.Sprintf(key+" "+format, args...)})
	}
	at, length, delay := time.Duration(c.At), time.Duration(c.For), time.Duration(c.Delay)
	known := slices.Contains(Kinds[:], c.Kind)
	if !known {
		bad("kind", "%q is unknown; want one of %s", c.Kind, strings.Join(nearest.First(string(c.Kind), names()), ", "))
	}
	if at < 0 || at >= window {
		bad("at", "is %v; want 0 or more and less than the measured window, %v", at, window)
	}
	switch {
	case !known:
	case !c.Kind.lasts() && length != 0:
		bad("for", "is %v; want none, since %s happens at once", length, c.Kind)
	case c.Kind.lasts() && length <= 0:
		bad("for", "is %v; want more than 0, how long %s lasts", length, c.Kind)
	case at >= 0 && at < window && length > window-at:
		bad("for", "is %v from %v on, past the end of the measured window, %v; want its end within", length, at, window)
	}
	switch {
	case c.Kind == Slow && delay <= 0:
		bad("delay", "is %v; want more than 0, how late every reply is", delay)
	case known && c.Kind != Slow && delay != 0:
		bad("delay", "is %v; want none, it is for slow", delay)
	}
	return problems
}

func names() []string {
	var all []string
	for _, k := range Kinds {
		all = append(all, string(k))
	}
	return all
}

// Sequence is a checked list of faults, in the order in which they come.
type Sequence []Config

// NewSequence returns the faults of list in their order, and everything that is wrong
// with them in a run whose measured window is window long. No two may overlap.
func NewSequence(list []Config, window time.Duration) (Sequence, []Problem) {
	var problems []Problem
	for i, c := range list {
		problems = append(problems, c.check(i, window)...)
	}
	order := make([]int, len(list))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(list[a].At, list[b].At) })
	var sequence Sequence
	for i, index := range order {
		c := list[index]
		sequence = append(sequence, c)
		if i == 0 {
			continue
		}
		if before := sequence[i-1]; c.At == before.At || c.At-before.At < before.For {
			problems = append(problems, Problem{
				index, "at",
				fmt.Sprintf("at is %v, before %v is over; want one fault at a time", c.At, before),
			})
		}
	}
	return sequence, problems
}
