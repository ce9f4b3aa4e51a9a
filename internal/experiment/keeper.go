package experiment

import (
	"runtime"

	"github.com/fcbench/fcbench/internal/hostinfo"
	"github.com/fcbench/fcbench/internal/runner"
	"github.com/fcbench/fcbench/results"
)

// keeper makes a line of the run in progress, as far as it got, so that a program
// that is killed has written down what it measured. What is only known at the end
// is left out: accuracy, faults, what became of queues, and costs.
type keeper one

// Prepare implements [runner.Keeper].
func (k *keeper) Prepare() {
	k.meter.own.Aside(func() {
		for _, relay := range k.relays {
			relay.Prepare()
		}
	})
}

// Turn implements [runner.Keeper].
func (k *keeper) Turn(i int) runner.Recorder { return k.relays[i].Turn() }

// Keep implements [runner.Keeper]. What it costs is not the run's. It leaves the heap as
// it found it: where the line is what lives when the heap is collected, more may be
// allocated until the next time, and so on for as long as the run goes on.
func (k *keeper) Keep(s runner.SoFar) {
	k.meter.own.Aside(func() {
		k.keep(s)
		runtime.GC()
	})
}

// keep writes the run down, of which nothing is measured during the warm-up.
func (k *keeper) keep(s runner.SoFar) {
	var shards []*results.Shard
	for _, relay := range k.relays {
		relay.Collect()
		shards = append(shards, relay.Collected())
	}
	if s.Measured == 0 {
		return
	}
	r := (*one)(k)
	run, measured, err := r.describe(s.Totals, s.Pending, shards)
	run.Warnings = append(run.Warnings, r.Scenario.Notes...)
	e := r.evidence(hostinfo.Usage{}, measured.Negative(), err, nil)
	e.Unended, e.Pending = true, len(s.Pending)
	run.Validity = results.Assess(run, e)
	r.Keep(run)
}

var _ runner.Keeper = (*keeper)(nil)
