package results

import (
	"errors"
	"testing"
	"time"
)

// TestWhatIsNotComparedIsAbsent: where no rate was asked for, nothing is known of how a
// limiter kept it, and a 0 would keep every threshold.
func TestWhatIsNotComparedIsAbsent(t *testing.T) {
	judged := func(oracle string, compared *Compared) *Run {
		return &Run{Accuracy: &Accuracy{Oracle: oracle, ObservedShare: 1, Compared: compared, Jitter: &Jitter{CV: 0.5}}}
	}
	paced := []string{"accuracy.rate_error", "accuracy.starvation", "accuracy.jitter.p99_intervals"}
	for name, run := range map[string]*Run{
		"permits": judged("concurrency", &Compared{}), "a limit that changes": judged("bound", nil),
	} {
		for _, path := range paced {
			if v, _, err := Value(run, path); !errors.Is(err, ErrNoData) {
				t.Errorf("%s: %s is %v, %v; want no data", name, path, v, err)
			}
		}
		if v, _, err := Value(run, "accuracy.jitter.cv"); v != 0.5 || err != nil {
			t.Errorf("%s: accuracy.jitter.cv is %v, %v; want 0.5", name, v, err)
		}
	}
	if v, _, err := Value(judged("concurrency", &Compared{BurstExcess: 2}), "accuracy.burst_excess"); v != 2 || err != nil {
		t.Errorf("the excess of permits is %v, %v; want 2", v, err)
	}
	for _, path := range paced {
		if v, _, err := Value(judged("token-bucket", &Compared{}), path); v != 0 || err != nil {
			t.Errorf("%s of a bucket is %v, %v; want 0", path, v, err)
		}
	}
}

// TestNobodyServedIsAbsent: where nobody was given anything, nothing is known of how
// fair that was, nor of how long those waited who were.
func TestNobodyServedIsAbsent(t *testing.T) {
	denied := &Run{Outcomes: map[string]uint64{"ok": 0, "rejected": 9}, Keys: &KeyShares{Distinct: 2, Jain: 1}, Pipeline: &Pipeline{MostQueued: 3}}
	for _, path := range []string{"keys.jain", "pipeline.sojourn_p99"} {
		if v, _, err := Value(denied, path); !errors.Is(err, ErrNoData) {
			t.Errorf("%s is %v, %v; want no data", path, v, err)
		}
	}
	served := &Run{Outcomes: map[string]uint64{"ok": 1}, Keys: &KeyShares{Distinct: 2, Jain: 1}, Pipeline: &Pipeline{BusyNS: 1}}
	for path, want := range map[string]float64{"keys.jain": 1, "pipeline.sojourn_p99": 0} {
		if v, _, err := Value(served, path); v != want || err != nil {
			t.Errorf("%s is %v, %v; want %v", path, v, err, want)
		}
	}
}

// TestRoughBucketsKeepTheirThresholds: so do the buckets of what is not told to three digits.
func TestRoughBucketsKeepTheirThresholds(t *testing.T) {
	const end = int64(10_223_615) // of the bucket of 10 ms
	if rougher.High(rougher.Bucket(int64(10*time.Millisecond))) != end {
		t.Fatalf("the bucket of 10 ms ends at %d", rougher.High(rougher.Bucket(int64(10*time.Millisecond))))
	}
	spell := func(p50 int64) Spell {
		return Spell{Latency: SpellLatency{Count: 9, P50NS: p50, P99NS: p50, MaxNS: 1e9}}
	}
	run := &Run{
		Accuracy: &Accuracy{Oracle: "token-bucket", ObservedShare: 1, Compared: &Compared{}, Jitter: &Jitter{P99Intervals: 1.0223615}},
		Pipeline: &Pipeline{BusyNS: 1, SojournP99NS: end},
		Faults:   []Fault{{Reached: true, Before: spell(0), During: spell(end)}},
	}
	for expr, want := range map[string]bool{
		"accuracy.jitter.p99_intervals <= 1": true, "accuracy.jitter.p99_intervals <= 0.99": false, "accuracy.jitter.p99_intervals > 1.03": false,
		"pipeline.sojourn_p99 <= 10ms": true, "pipeline.sojourn_p99 < 9.9ms": false, "pipeline.sojourn_p99 > 10.3ms": false,
		"faults.added_p50 <= 10ms": true, "faults.added_p99 <= 10ms": true, "faults.added_p99 <= 9.9ms": false, "faults.added_p99 > 10.3ms": false,
	} {
		if got := threshold(t, expr).Check(run); got.OK != want || got.NoData {
			t.Errorf("%s at %v is %t; want %t", expr, got.Value, got.OK, want)
		}
	}
}
