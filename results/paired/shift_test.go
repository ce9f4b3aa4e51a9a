package paired_test

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/HdrHistogram/hdrhistogram-go"

	"github.com/fcbench/fcbench/results"
	"github.com/fcbench/fcbench/results/paired"
)

// runOf has the values as response times of ok, each so often.
func runOf(t *testing.T, values []float64, times int64) *results.Run {
	t.Helper()
	h := hdrhistogram.New(1, int64(1e12), 3)
	low, high := math.Inf(1), 0.0
	for _, v := range values {
		if err := h.RecordValues(int64(v), times); err != nil {
			t.Fatal(err)
		}
		low, high = min(low, v), max(high, v)
	}
	text, err := h.EncodeV2()
	if err != nil {
		t.Fatal(err)
	}
	return &results.Run{
		Time:    "real",
		Latency: results.Latencies{Response: map[string]*results.Latency{"ok": {Count: int64(len(values)) * times, MinNS: int64(low), MaxNS: int64(high), HDR: string(text)}}},
	}
}

// sides makes pairs of runs of n values each, ten of a kind, exponential from 1 ms on, that share the
// noise of their pair; B is moved by a factor that depends on the share of values below.
func sides(t *testing.T, pairs, n int, noise float64, factor func(share float64) float64) (a, b []*results.Run) {
	t.Helper()
	r := rand.New(rand.NewPCG(7, 8))
	for range pairs {
		common := math.Exp(noise * r.NormFloat64())
		one := func(factor func(float64) float64) *results.Run {
			own := common * math.Exp(0.004*r.NormFloat64())
			values := make([]float64, n/10)
			for k := range values {
				share := (float64(k) + 0.5) / float64(len(values))
				values[k] = 1e6 * own * (1 - math.Log1p(-share)) * factor(share)
			}
			return runOf(t, values, 10)
		}
		a, b = append(a, one(func(float64) float64 { return 1 })), append(b, one(factor))
	}
	return a, b
}

// TestShiftSays: which part moved, of distributions that were moved in a known part.
func TestShiftSays(t *testing.T) {
	for name, c := range map[string]struct {
		factor func(share float64) float64
		want   string
		moved  string
	}{
		"nothing":              {func(float64) float64 { return 1 }, "no part of response.ok moved: every quantile is within 3 %", ""},
		"too little to matter": {func(float64) float64 { return 1.02 }, "no part of response.ok moved", ""},
		"all":                  {func(float64) float64 { return 1.1 }, "all of response.ok is longer, +", "p10 p20 p30 p40 p50 p60 p70 p80 p90 p95 p99"},
		"shorter":              {func(float64) float64 { return 0.9 }, "all of response.ok is shorter, -", "p10 p20 p30 p40 p50 p60 p70 p80 p90 p95 p99"},
		"tail":                 {above(0.93, 1.2), "only the tail moved: response.ok is longer from p95 on, +", "p95 p99"},
		"tail, better":         {above(0.93, 0.9), "only the tail moved: response.ok is shorter from p95 on, -", "p95 p99"},
		"slower part":          {above(0.65, 1.2), "only the slower part moved: response.ok is longer from p70 on, +", "p70 p80 p90 p95 p99"},
		"faster part":          {below(0.35, 1.2), "only the faster part moved: response.ok is longer up to p40, +", "p10 p20 p30 p40"},
		"middle":               {between(0.35, 0.65, 1.2), "response.ok is longer from p40 to p70, +", "p40 p50 p60 p70"},
		"both ends":            {ends(0.15, 0.93), "response.ok is shorter at p10, -", "p10 p95 p99"},
	} {
		a, b := sides(t, 8, 10_000, 0.05, c.factor)
		s, ok := paired.ShiftOf("response.ok", a, b)
		if !ok || !strings.HasPrefix(s.Said, c.want) || movedOf(s) != c.moved || s.Pairs != 8 {
			t.Errorf("%s: %v, moved %s, says %q; want %s and %q", name, ok, movedOf(s), s.Said, c.moved, c.want)
		}
	}
}

func above(from, factor float64) func(float64) float64 { return between(from, 1, factor) }
func below(to, factor float64) func(float64) float64   { return between(0, to, factor) }

func between(from, to, factor float64) func(float64) float64 {
	return func(share float64) float64 {
		if share >= from && share <= to {
			return factor
		}
		return 1
	}
}

func ends(low, high float64) func(float64) float64 {
	return func(share float64) float64 { return below(low, 0.8)(share) * above(high, 1.3)(share) }
}

func movedOf(s paired.Shift) string {
	var names []string
	for _, p := range s.Points {
		if p.Moved {
			names = append(names, p.Name)
		}
	}
	return strings.Join(names, " ")
}

// TestShiftIsHonest: noise is not called a shift, and what is not known is said to be so.
func TestShiftIsHonest(t *testing.T) {
	a, b := sides(t, 8, 10_000, 0.05, above(0.93, 1.2))
	for i := range b { // the middle is all over the place
		if i%2 == 0 {
			a[i], b[i] = b[i], a[i]
		}
	}
	if s, ok := paired.ShiftOf("response.ok", a, b); !ok || movedOf(s) != "" || s.Said != "no part of response.ok is known to have moved" {
		t.Errorf("signs by turns: %v, %s, %q", ok, movedOf(s), s.Said)
	}
	a, b = sides(t, 8, 10_000, 0.05, func(float64) float64 { return 1.5 })
	for _, r := range a {
		r.Environment.ClockRead = 5e5 // and thrice that is more than half of p50
	}
	if s, _ := paired.ShiftOf("response.ok", a, b); strings.Contains(movedOf(s), "p50") || !strings.Contains(movedOf(s), "p99") {
		t.Errorf("below the clock's floor, moved is %s", movedOf(s))
	}
}

// TestShiftNeeds: pairs, and values beyond a quantile, in every run.
func TestShiftNeeds(t *testing.T) {
	a, b := sides(t, 6, 1000, 0.05, func(float64) float64 { return 1.1 })
	s, ok := paired.ShiftOf("response.ok", a, b)
	if !ok || s.Points[0].Name != "p10" || s.Points[len(s.Points)-1].Name != "p90" {
		t.Errorf("of 1000 values: %+v; want p10 to p90", s.Points)
	}
	for _, p := range s.Points {
		if p.A <= 0 || p.B <= p.A || !(p.Low <= p.Change && p.Change <= p.High) || p.P < 2./64 || p.P > 0.05 {
			t.Errorf("%+v; want b above a, and every number within its bounds", p)
		}
	}
	b[3] = runOf(t, make([]float64, 1000), 1)
	if s, ok := paired.ShiftOf("response.ok", a, b); ok || len(s.Points) > 0 {
		t.Errorf("of a run that took no time: %+v", s)
	}
	b[3] = &results.Run{Time: "real"}
	if s, ok := paired.ShiftOf("response.ok", a, b); ok {
		t.Errorf("of five pairs: %+v", s)
	}
	if _, ok := paired.ShiftOf("service.ok", a, b); ok {
		t.Error("of a histogram that is not there")
	}
	a[0].Latency.Response["ok"].HDR = "nonsense"
	if _, ok := paired.ShiftOf("response.ok", append(a, nil), append(b, nil)); ok {
		t.Error("of a histogram that cannot be read")
	}
}
