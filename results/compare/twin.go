package compare

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/fcbench/fcbench/results"
)

// twins reports whether two trials are of one pipeline, simulated in virtual time and
// run live: what the simulation is worth can then be told.
func twins(base, other trial) bool {
	if !base.same(other) || string(base.Runs[0].Subject) != string(other.Runs[0].Subject) {
		return false
	}
	of := func(r results.Run) string { return fmt.Sprint(r.Time, r.Pipeline != nil) }
	sides := append(distinct(base.Runs, of), distinct(other.Runs, of)...)
	slices.Sort(sides)
	return slices.Equal(sides, []string{fmt.Sprint(results.Real, true), fmt.Sprint(results.Virtual, true)})
}

// ofPipelines reports whether metrics were chosen, all of which mean the same of a
// pipeline in either time.
func ofPipelines(metrics []string) bool {
	other := func(path string) bool {
		return !strings.HasPrefix(path, "pipeline.") && !strings.HasPrefix(path, "league.")
	}
	return len(metrics) > 0 && !slices.ContainsFunc(metrics, other)
}

// twin is what a side of twins is called.
func (t trial) twin() string {
	if t.virtual() {
		return t.label + ", simulated"
	}
	return t.label + ", live"
}

// gap says how far twins are apart, in the metric in which that is farthest.
func (p Pair) gap(base, other trial) []string {
	if !twins(base, other) {
		return nil
	}
	const told = "one side is simulated and the other live, so that differences are the gap between them"
	var worst *Difference
	most := 0.0
	for i := range p.Differences {
		if share, ok := p.Differences[i].Relative(); ok && (worst == nil || math.Abs(share) > most) {
			worst, most = &p.Differences[i], math.Abs(share)
		}
	}
	if worst == nil {
		return []string{told}
	}
	return []string{fmt.Sprintf("%s: at most %.1f%%, of %s", told, 100*most, worst.Metric.Path)}
}
