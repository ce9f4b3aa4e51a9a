package results

import (
	"maps"
	"slices"
	"strings"

	"github.com/fcbench/fcbench/internal/ownfault"
)

// ownFaults is how many arrivals of run failed because the generator's own machine
// had no descriptor, port or memory for them.
func ownFaults(run *Run) (all uint64) {
	for name, n := range run.Causes {
		if ownCause(name) != "" {
			all += n
		}
	}
	return all
}

// ownCause is the cause of "failed: cause" if it is the generator's own fault.
func ownCause(name string) string {
	if _, cause, _ := strings.Cut(name, ": "); ownfault.Is(cause) {
		return cause
	}
	return ""
}

// ownFaults is about such arrivals. They say nothing of the target, and those
// that it was spared are load that it should have had.
func (j *judgement) ownFaults(run *Run, e Evidence) {
	for _, name := range slices.Sorted(maps.Keys(run.Causes)) {
		if cause := ownCause(name); cause != "" {
			lack, remedy := ownfault.Explain(cause, e.FileLimit)
			j.invalidIf(true, "the generator %s: %d of %d arrivals failed of it; %s", lack, run.Causes[name], run.Offered, remedy)
		}
	}
}
