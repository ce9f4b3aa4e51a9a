package ci

import (
	"fmt"
	"slices"

	"github.com/fcbench/fcbench/results"
)

// Health is what the box did to the runs. It is judged before the code is.
type Health struct {
	Runs       int      `json:"runs"`
	InvalidOf  int      `json:"invalid_runs"`
	SuspectOf  int      `json:"suspect_runs"`
	StealShare float64  `json:"steal_share"`     // of all cores, taken by the hypervisor, while the gate ran
	Throttled  float64  `json:"throttled_share"` // of the time, stopped for a quota
	PSI        float64  `json:"cpu_pressure"`    // share of the time in which somebody waited for a core
	Problems   []string `json:"problems"`
}

// The bounds of a healthy box.
const (
	mostSteal     = 0.05
	mostThrottled = 0.001
	mostPressure  = 0.60 // beyond which it is noted: load of its own is part of it
)

// judge adds what is wrong with the box.
func (h *Health) judge() {
	h.Problems = []string{}
	bad := func(format string, args ...any) { h.Problems = append(h.Problems, fmt.Sprintf(format, args...)) }
	if h.StealShare > mostSteal {
		bad("the hypervisor took %.1f%% of the cores (steal); want %.0f%% at most", 100*h.StealShare, 100*mostSteal)
	}
	if h.Throttled > mostThrottled {
		bad("a CPU quota stopped the runs for %.1f%% of the time; want none", 100*h.Throttled)
	}
}

// crowded says that others may have wanted the cores too, or nothing.
func (h *Health) crowded() string {
	if h.PSI <= mostPressure {
		return ""
	}
	return fmt.Sprintf("somebody waited for a core %.0f%% of the time: fewer pairs would do on a quieter box", 100*h.PSI)
}

// Sound reports whether a run may count, or why not.
func (m Measured) Sound() (reason string, ok bool) {
	if m.Run == nil {
		return "", true
	}
	switch {
	case m.Run.Partial:
		return "it was interrupted", false
	case m.Run.Validity.Verdict == results.Invalid:
		return fmt.Sprintf("it calls itself invalid: %s", first(m.Run.Validity.Reasons)), false
	}
	return "", true
}

func first(all []string) string {
	if len(all) == 0 {
		return "no reason"
	}
	return all[0]
}

// fingerprint is the parts of an environment that must not change within a gate.
func fingerprint(e results.Environment) string {
	return fmt.Sprintf("cpu %q, %d cores, kernel %s, %s/%s", e.CPU, e.Cores, e.Kernel, e.OS, e.Arch)
}

// strangers lists the machines that runs were made on, besides the first.
func strangers(units []Unit) (all []string) {
	var known []string
	for _, u := range units {
		for _, p := range slices.Concat(u.Pairs, u.Null) {
			for _, m := range []Measured{p.A, p.B} {
				if m.Run == nil {
					continue
				}
				if f := fingerprint(m.Run.Environment); !slices.Contains(known, f) {
					known = append(known, f)
				}
			}
		}
	}
	if len(known) < 2 {
		return nil
	}
	return known
}
