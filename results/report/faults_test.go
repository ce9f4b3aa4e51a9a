package report_test

import (
	"testing"
	"time"

	"github.com/fcbench/fcbench/results"
	"github.com/fcbench/fcbench/results/report"
)

// troubled are subjects on a Redis that is killed and paused: one that lets all
// through meanwhile, one that has errors for its callers and does not come back,
// and one that is not on Redis.
func troubled(t *testing.T) []results.Run {
	t.Helper()
	open := runs(t, subject{name: "open", admit: 36, took: 58_900}, 2)
	errors := runs(t, subject{name: "error", admit: 36, took: 58_900}, 1)
	local := runs(t, subject{name: "gcra", inProcess: true, admit: 36, took: 66}, 1)
	for i := range open {
		more := time.Duration(i) * time.Millisecond
		open[i].Faults = []results.Fault{
			brokenFor(time.Second, 500*time.Millisecond, "kill", map[string]uint64{"fail_open": 500, "primary": 3}, 30*time.Microsecond, 12*time.Millisecond+more),
			brokenFor(4*time.Second, time.Second, "pause", map[string]uint64{"fail_open": 1000}, 50*time.Millisecond, 100*time.Millisecond),
		}
		open[i].Goroutines = &results.Goroutines{Before: 9, After: 9}
	}
	lost := brokenFor(4*time.Second, time.Second, "pause", map[string]uint64{"error": 1000}, 5*time.Second, -1)
	lost.Limit = nil
	errors[0].Faults = []results.Fault{
		brokenFor(time.Second, 500*time.Millisecond, "kill", map[string]uint64{"error": 503}, 40*time.Microsecond, 8*time.Millisecond),
		lost,
		{Kind: "flush-scripts", AtNS: int64(9 * time.Second)},
	}
	errors[0].Goroutines = &results.Goroutines{Before: 9, After: 12}
	return append(append(open, errors...), local...)
}

// brokenFor is a fault of at for length, after which the limiter came back, or
// did not.
func brokenFor(at, length time.Duration, kind string, decisions map[string]uint64, p50, recovery time.Duration) results.Fault {
	var n uint64
	for _, count := range decisions {
		n += count
	}
	calm := results.Spell{Latency: results.SpellLatency{Count: 1000, P50NS: 60_000, P99NS: 90_000, MaxNS: 1e6}}
	f := results.Fault{
		Kind: kind, AtNS: int64(at), ForNS: int64(length), Reached: true, BeganNS: int64(at), EndedNS: int64(at + length),
		Before: calm, After: calm,
		During: results.Spell{Decisions: decisions, Latency: results.SpellLatency{Count: n, P50NS: int64(p50), P99NS: int64(2 * p50), MaxNS: int64(2 * p50)}},
		Limit:  &results.Grant{Keys: 50, Admitted: int64(decisions["fail_open"]), Entitled: 350, Excess: int64(decisions["fail_open"]) / 3},
	}
	if recovery >= 0 {
		f.Recovered, f.RecoveryNS = true, int64(recovery)
	}
	return f
}

func TestFaults(t *testing.T) {
	o := report.Options{Thresholds: thresholds(t, "faults.recovery < 1s", "goroutines.left == 0")}
	goldenWidths(t, "faults", troubled(t), o)
	golden(t, "faults.md", write(t, "markdown", troubled(t), o))
}
