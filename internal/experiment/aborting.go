package experiment

import (
	"fmt"
	"sync/atomic"
	"time"

	"github.com/fcbench/fcbench/internal/runner"
	"github.com/fcbench/fcbench/internal/scenario"
	"github.com/fcbench/fcbench/results"
)

// aborting gives a run up once a condition holds over the last window of it: what
// hurts the target then is not sent any more. It looks ten times a window, at what ended
// in the tenths before, warm-up included.
type aborting struct {
	scenario.Abort
	options results.Options
	tenths  [10]*results.Shard // of the window; the newest is that of now
	now     int64              // tenths since the run began
	stop    *atomic.Bool       // what the runner goes by
	reason  string             // that the run is given up for
}

// newAborting returns nil where nothing is watched. classes name the streams, and
// requests what is sent; stop is set to give the run up.
func newAborting(a *scenario.Abort, classes, requests []string, stop *atomic.Bool) *aborting {
	if a == nil {
		return nil
	}
	return &aborting{Abort: *a, stop: stop, options: results.Options{Classes: classes, Requests: requests}}
}

// See implements [runner.Witness]. It counts an arrival when its last attempt ends.
func (a *aborting) See(t *runner.Attempt) {
	if t.Lost || !t.Last || a.reason != "" {
		return
	}
	tenth := int64(t.Returned / a.tenth())
	if tenth > a.now {
		a.look(tenth)
	}
	if a.now-tenth >= int64(len(a.tenths)) {
		return // over a lane that is that much behind nothing can be said
	}
	place := &a.tenths[tenth%int64(len(a.tenths))]
	if *place == nil {
		*place = results.NewShard(a.options)
	}
	(*place).Offer(t.Intended, t.Class, 0, t.Cost)
	(*place).Record(&results.Sample{
		Intended: t.Intended, Released: t.Released, Started: t.Called, Done: t.Returned,
		Outcome: t.Outcome, Class: t.Class, Kind: t.Kind, Mode: t.Mode, Status: t.Status, Cost: t.Cost, Cause: t.Cause,
	})
}

// Settled implements [runner.Witness].
func (a *aborting) Settled(time.Duration) {}

func (a *aborting) tenth() time.Duration { return max(a.Window/time.Duration(len(a.tenths)), 1) }

// look goes by what ended in the ten tenths before the given one, and makes room for it.
func (a *aborting) look(tenth int64) {
	for ; a.now < tenth-1; a.now++ {
		a.forget(a.now + 1)
	}
	if time.Duration(tenth)*a.tenth() >= a.After {
		a.judge()
	}
	a.forget(tenth)
	a.now = tenth
}

// forget drops what ended a window before the given tenth.
func (a *aborting) forget(tenth int64) { a.tenths[tenth%int64(len(a.tenths))] = nil }

// judge gives the run up if any condition holds.
func (a *aborting) judge() {
	var shards []*results.Shard
	for _, s := range a.tenths {
		if s != nil {
			shards = append(shards, s)
		}
	}
	window, _ := results.Merge(a.options, shards...) // instants out of order are the run's to tell
	run := new(results.Run)
	window.Fill(run, a.Window)
	for _, on := range a.On {
		if c := on.Check(run); c.OK {
			a.reason = fmt.Sprintf("%s held over %s, with %s", on, results.Short(a.Window), quantity(c.Value, on.Metric.Unit))
			a.stop.Store(true)
			return
		}
	}
}

// quantity is a value as a sentence has it.
func quantity(v float64, unit string) string {
	switch unit {
	case results.UnitShare, results.UnitRatio:
		return fmt.Sprintf("%.3g%%", 100*v)
	case results.UnitNS:
		return results.Short(time.Duration(v))
	}
	return fmt.Sprintf("%.6g", v)
}
