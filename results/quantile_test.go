package results

import (
	"math"
	"strings"
	"testing"
	"time"

	"github.com/fcbench/fcbench/internal/loglinear"
)

func TestPercentileNames(t *testing.T) {
	for text, want := range map[string]struct {
		q    loglinear.Quantile
		name string
	}{
		"p50": {loglinear.Quantile{Num: 50, Den: 100}, "p50"}, "p05": {loglinear.Quantile{Num: 5, Den: 100}, "p05"},
		"p98": {loglinear.Quantile{Num: 98, Den: 100}, "p98"}, "p10": {loglinear.Quantile{Num: 10, Den: 100}, "p10"},
		"p999": {loglinear.Quantile{Num: 999, Den: 1000}, "p999"}, "p99.9": {loglinear.Quantile{Num: 999, Den: 1000}, "p999"},
		"p990": {loglinear.Quantile{Num: 99, Den: 100}, "p99"}, "p99.0": {loglinear.Quantile{Num: 99, Den: 100}, "p99"},
		"p2.5": {loglinear.Quantile{Num: 25, Den: 1000}, "p025"}, "p025": {loglinear.Quantile{Num: 25, Den: 1000}, "p025"},
		"p99.99999": {loglinear.Quantile{Num: 9999999, Den: 10000000}, "p9999999"}, "p001": {loglinear.Quantile{Num: 1, Den: 1000}, "p001"},
		"p105": {loglinear.Quantile{Num: 105, Den: 1000}, "p105"},
	} {
		q, name, ok, err := percentile(text)
		if !ok || err != nil || q != want.q || name != want.name {
			t.Errorf("%s is %v, %s, %t, %v; want %v, %s", text, q, name, ok, err, want.q, want.name)
		}
	}
	for _, text := range []string{"p", "mean", "p99ms", "p-1", "q50", "p.", ""} {
		if _, _, ok, err := percentile(text); ok || err != nil {
			t.Errorf("%q: %t, %v; want no percentile", text, ok, err)
		}
	}
	for _, text := range []string{"p5", "p0", "p00", "p000", "p100", "p1000", "p100.0", "p101.5", "p99.9.9", "p.5", "p00.00", "p99." + strings.Repeat("3", 17)} {
		if _, _, ok, err := percentile(text); !ok || err == nil || !strings.Contains(err.Error(), text) {
			t.Errorf("%q: %t, %v; want a percentile that is refused by its name", text, ok, err)
		}
	}
}

// TestPercentilesTakeTheRankAbove: of 11 the p95 is the last, not the tenth, and
// of up to 99 the p99 is.
func TestPercentilesTakeTheRankAbove(t *testing.T) {
	ms := time.Millisecond
	slow := func(n int) *Run {
		samples := make([]Sample, n)
		for i := range samples {
			samples[i] = Sample{Done: 3 * ms, Outcome: OK}
		}
		samples[0].Done = 6 * ms
		return fill(t, Options{Classes: []string{"a", "b"}}, time.Second, samples)
	}
	for n := 2; n <= 101; n++ {
		run := slow(n)
		for path, last := range map[string]int{"p90": 9, "p95": 19, "p98": 49, "p99": 99, "p999": 999, "p50": 1} {
			want := 3 * ms
			if n <= last {
				want = 6 * ms
			}
			for _, of := range []string{"response.ok.", "service.ok.", "classes.a.response_ok."} {
				if v, _, err := Value(run, of+path); err != nil || math.Abs(v-float64(want)) > 0.001*v {
					t.Fatalf("%s%s of %d is %v, %v; want %v", of, path, n, v, err, want)
				}
			}
		}
	}
	run := slow(51)
	if p := run.Intervals[0].P99NS; p == nil || *p < 5.9e6 {
		t.Errorf("p99 of an interval of 51 is %v; want 6 ms", p)
	}
	if d := run.Latency.SendDelayP99(); d != 0 {
		t.Errorf("send delay p99 is %v", d)
	}
}
