package simulated

import (
	"context"
	"math"
	"testing"

	"github.com/fcbench/fcbench/internal/capacity"
	"github.com/fcbench/fcbench/internal/rounds"
)

// tooMany reports whether a world takes more arrivals than the race detector has time for,
// which makes them ten times slower.
func tooMany(w World) bool { return rounds.Of(4) < 4 && w.Truth > 5000 }

// TestTheory holds the formula against the server itself, at the truth.
func TestTheory(t *testing.T) {
	for _, w := range Worlds() {
		if w.Truth == 0 || w.slow != nil || w.cap > 0 || tooMany(w) {
			continue
		}
		var bad, n float64
		for k := range uint64(12) { // near its capacity a queue takes long to show its mean
			run := (&state{server: w.server}).serve(capacity.Trial{Value: w.Truth, Warmup: 1e9, Length: 10e9, Seed: k}, 1)
			bad, n = bad+float64(run.bad), n+float64(run.n)
		}
		if got := bad / n; math.Abs(math.Log(got/w.allow)) > 0.8 {
			t.Errorf("%s: %.4f of the requests are late at %.1f/s; want about %g", w.Name, got, w.Truth, w.allow)
		}
	}
	if mm1 := Named("mm1").Truth; math.Abs(mm1-9078.966) > 0.001 { // μ − ln 100/x
		t.Errorf("the capacity of M/M/1 is %.3f; want 9078.966", mm1)
	}
}

// TestClumps holds what the search takes for the size of clumps against queues at
// their capacity.
func TestClumps(t *testing.T) {
	for _, name := range []string{"mm1", "mm4"} {
		w := Named(name)
		if tooMany(w) {
			continue
		}
		slope := math.Log(w.late(1.01*w.Truth, w.bound)/w.allow) / 0.01
		want := 2.9 * w.Truth * w.bound * slope / (math.Log(w.allow) * math.Log(w.allow))
		var sum, squares, trials float64
		for k := range uint64(40 * rounds.Of(4)) {
			run := (&state{server: w.server}).serve(capacity.Trial{Value: w.Truth, Warmup: 2e9, Length: 4e9, Seed: k}, 1)
			bad := float64(run.bad)
			sum, squares, trials = sum+bad, squares+bad*bad, trials+1
		}
		mean := sum / trials
		if got := (squares/trials - mean*mean) / mean; math.Abs(math.Log(got/want)) > math.Log(2) {
			t.Errorf("%s: late requests differ %.0f times more than independent ones; want about %.0f", name, got, want)
		}
	}
}

// TestSearches is the small version of `fcbench selftest --capacity`: a few
// searches of each world that end as they have to.
func TestSearches(t *testing.T) {
	for _, w := range Worlds() {
		if tooMany(w) {
			continue
		}
		t.Run(w.Name, func(t *testing.T) {
			t.Parallel()
			row, err := w.Searches(context.Background(), 0, rounds.Of(3))
			if err != nil || row.Verdicts[w.Want] < 0.6 {
				t.Fatalf("verdicts are %v (%v); want %s", row.Verdicts, err, w.Want)
			}
			if w.Truth > 0 && (math.Abs(row.Bias) > 0.02 || row.HalfWidth > 0.02) {
				t.Errorf("bias %+.2f %%, half-width %.2f %%; want at most 2 %% each of a few searches", 100*row.Bias, 100*row.HalfWidth)
			}
		})
	}
}

// TestClassifications are searches by MLRsearch: of a cliff, and of what no clumps disturb, the
// truth is between the bounds, which are as near as was asked for; and the other words are right.
func TestClassifications(t *testing.T) {
	for _, name := range []string{"cliff", "shallow", "metastable", "generator-limited"} {
		w := Named(name).By(capacity.MLRsearch)
		for k := range rounds.Of(4) {
			a, err := w.Find(context.Background(), 0, k)
			if err != nil || a.Strategy != capacity.MLRsearch || a.Verdict != w.Want {
				t.Fatalf("%s: %s of %s %q, %v; want %s", name, a.Verdict, a.Strategy, a.Reasons, err, w.Want)
			}
			if w.Truth > 0 && !(a.Low < w.Truth && w.Truth < a.High && a.HalfWidth() <= 0.02 && a.Goals[0].Regular) {
				t.Errorf("%s: between %.6g and %.6g, %+v; want %.6g between them", name, a.Low, a.High, a.Goals, w.Truth)
			}
		}
	}
	row := Row{Bias: 0.1, Coverage: 0.5}
	if err := Named("cliff").By(capacity.MLRsearch).Misses(row); err != nil {
		t.Errorf("bounds that promise no coverage miss: %v", err)
	}
	if err := Named("drift").By(capacity.MLRsearch).Misses(row); err == nil {
		t.Error("a drift that is not seen is good")
	}
}

// TestMissesAreSeen: rows that are not good enough are called so.
func TestMissesAreSeen(t *testing.T) {
	w := Named("mm1")
	good := Row{Bias: 0.001, SD: 0.005, Coverage: 0.95, HalfWidth: 0.01, Verdicts: map[capacity.Verdict]float64{capacity.Capacity: 1}}
	if err := w.Misses(good); err != nil {
		t.Errorf("a good row misses: %v", err)
	}
	for name, spoil := range map[string]func(*Row){
		"bias": func(r *Row) { r.Bias = -0.006 }, "sd": func(r *Row) { r.SD = 0.011 }, "coverage": func(r *Row) { r.Coverage = 0.93 },
		"width": func(r *Row) { r.HalfWidth = 0.021 }, "verdict": func(r *Row) { r.Verdicts = nil },
	} {
		bad := good
		if spoil(&bad); w.Misses(bad) == nil {
			t.Errorf("a row with a bad %s is good", name)
		}
	}
}
