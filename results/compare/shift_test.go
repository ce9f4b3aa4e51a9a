package compare_test

import (
	"math"
	"strings"
	"testing"

	"github.com/HdrHistogram/hdrhistogram-go"

	"github.com/fcbench/fcbench/results"
	"github.com/fcbench/fcbench/results/compare"
)

// slowTail makes runs whose times are exponential, and from the 93rd per cent on longer
// by a factor.
func slowTail(t *testing.T, trial string, repeats int, factor float64) (runs []results.Run) {
	t.Helper()
	for repeat := range repeats {
		const kinds, each = 1000, 10
		h := hdrhistogram.New(1, 1e10, 3)
		for k := range kinds {
			share := (float64(k) + 0.5) / kinds
			v := 1e6 * (1 + float64(repeat%3)/500) * (1 - math.Log1p(-share))
			if share > 0.93 {
				v *= factor
			}
			if err := h.RecordValues(int64(v), each); err != nil {
				t.Fatal(err)
			}
		}
		text, err := h.EncodeV2()
		if err != nil {
			t.Fatal(err)
		}
		run := service(trial, 1)[0]
		run.Repeat = repeat + 1
		run.Latency.Response["ok"] = &results.Latency{Count: kinds * each, P50NS: h.ValueAtPercentile(50), P99NS: h.ValueAtPercentile(99), MinNS: h.Min(), MaxNS: h.Max(), HDR: string(text)}
		runs = append(runs, run)
	}
	return runs
}

// TestShifts: which part of a distribution moved, of repeats that are pairs and of two
// files; nothing where there are too few, or where times are not the world's.
func TestShifts(t *testing.T) {
	const tail = "only the tail moved: response.ok is longer from p95 on, +"
	for name, c := range map[string]struct {
		repeats int
		files   bool
		time    results.Time
		want    string
	}{
		"pairs":          {6, false, results.Real, tail},
		"two files":      {6, true, results.Real, tail},
		"few pairs":      {5, false, results.Real, ""},
		"few of a side":  {3, true, results.Real, ""},
		"not tested":     {4, true, results.Real, "no part of response.ok is known to have moved"},
		"simulated time": {6, false, results.Virtual, ""},
	} {
		before, after := slowTail(t, "a", c.repeats, 1), slowTail(t, "b", c.repeats, 1.3)
		if c.files {
			after = slowTail(t, "a", c.repeats, 1.3)
		}
		for _, side := range [][]results.Run{before, after} {
			for i := range side {
				side[i].Time = c.time
			}
		}
		var got compare.Comparison
		var err error
		if c.files {
			got, err = compare.Files(before, after, compare.Options{})
		} else {
			got, err = compare.Trials(append(before, after...), "a", compare.Options{})
		}
		if err != nil || len(got.Pairs) != 1 {
			t.Fatalf("%s: %v", name, err)
		}
		said := ""
		for _, s := range got.Pairs[0].Shifts {
			said += s.Said
		}
		if !strings.HasPrefix(said, c.want) || (said == "") != (c.want == "") {
			t.Errorf("%s: %q; want %q", name, said, c.want)
		}
	}
}
