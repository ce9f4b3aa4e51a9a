package results

import "testing"

// TestWithin counts answers up to a bound, by buckets.
func TestWithin(t *testing.T) {
	run := fullRun(t)
	ok := run.Latency.Response[OK.String()]
	all := uint64(ok.Count)
	for bound, want := range map[int64]uint64{-1: 0, ok.MaxNS: all, ok.MaxNS * 2: all} {
		if got, err := ok.Within(bound); got != want || err != nil {
			t.Errorf("within %d ns: %d, %v; want %d of %d", bound, got, err, want, all)
		}
	}
	if got, _ := ok.Within(ok.P50NS); got < (all+1)/2 || got == all {
		t.Errorf("within the median: %d of %d", got, all)
	}
	if n, err := (&Latency{}).Within(1); n != 0 || err != nil {
		t.Errorf("of none: %d, %v", n, err)
	}
}

func TestShareOf(t *testing.T) {
	for name, want := range map[string]float64{"p50": 0.5, "p99": 0.99, "p999": 0.999, "p99.9": 0.999, "max": 0, "p": 0} {
		if got := ShareOf(name); got != want {
			t.Errorf("%s is %g; want %g", name, got, want)
		}
	}
}
