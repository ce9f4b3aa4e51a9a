package results

import (
	"errors"
	"math"
	"testing"
)

func TestFaultMetricsAreTheWorst(t *testing.T) {
	run := &Run{Faults: faultsOfAll(), Goroutines: &Goroutines{Before: 9, After: 11}}
	for path, want := range map[string]float64{
		"faults.recovery": 12e6, "faults.added_p50": 19e6, "faults.added_p99": 48e6,
		"faults.errors": 2, "faults.excess": 20, "faults.lost": 7, "goroutines.left": 2,
	} {
		if v, _, err := Value(run, path); err != nil || v != want {
			t.Errorf("%s is %v, %v; want %v", path, v, err, want)
		}
	}
	run.Goroutines.After = 8
	if v, _, _ := Value(run, "goroutines.left"); v != 0 {
		t.Errorf("goroutines.left is %v with fewer than before; want 0", v)
	}
	for _, run := range []*Run{{}, {Faults: []Fault{{Kind: "kill"}}}} {
		for _, path := range []string{"faults.recovery", "faults.added_p99", "faults.errors", "faults.excess", "faults.lost", "goroutines.left"} {
			if v, _, err := Value(run, path); !errors.Is(err, ErrNoData) {
				t.Errorf("%s of %+v is %v, %v; want no data", path, run.Faults, v, err)
			}
		}
	}
}

// TestRecoveryThatNeverCame misses every threshold; one that nobody saw has none.
func TestRecoveryThatNeverCame(t *testing.T) {
	threshold, err := ParseThreshold("faults.recovery < 1s")
	if err != nil {
		t.Fatal(err)
	}
	asked := Spell{Latency: SpellLatency{Count: 1}}
	for _, tt := range []struct {
		name  string
		fault Fault
		want  Standing
	}{
		{"in time", Fault{Reached: true, Recovered: true, RecoveryNS: 1e9 - 1, After: asked}, Kept},
		{"late", Fault{Reached: true, Recovered: true, RecoveryNS: 1e9, After: asked}, Missed},
		{"never", Fault{Reached: true, After: asked}, Missed},
		{"nobody asked", Fault{Reached: true, During: asked}, Unknown},
		{"cut short", Fault{Reached: true, Cut: true, After: asked}, Unknown},
	} {
		run := &Run{Faults: []Fault{tt.fault}}
		if got := threshold.Check(run).Standing(); got != tt.want {
			t.Errorf("%s: threshold is %v; want %v", tt.name, got, tt.want)
		}
		if v, _, _ := Value(run, "faults.recovery"); tt.name == "never" && !math.IsInf(v, 1) {
			t.Errorf("never is %v; want no number", v)
		}
	}
	run := &Run{Faults: []Fault{{Reached: true, Recovered: true, After: asked}, {Reached: true, After: asked}}}
	if threshold.Check(run).Standing() != Missed {
		t.Error("one fault was survived and one was not, and the threshold is kept")
	}
}
