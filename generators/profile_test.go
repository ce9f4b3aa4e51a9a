package generators

import (
	"math"
	"strconv"
	"testing"
	"time"

	"github.com/fcbench/fcbench/internal/seed"
)

func realised(t testing.TB, w *Workload, horizon time.Duration) Realised {
	t.Helper()
	p := NewProfile(w, horizon)
	s := w.Schedule(horizon)
	var a Arrival
	for s.Next(&a) {
		p.Add(&a)
	}
	return p.Realised()
}

// TestProfileOfKnownShapes profiles schedules whose burstiness is known.
func TestProfileOfKnownShapes(t *testing.T) {
	near := func(got, want, tolerance float64) bool { return math.Abs(got-want) <= tolerance }
	r := realised(t, mustWorkload(t, 1, Stream{Process: constant(t, "1k/s")}), 10*time.Second)
	if r.Arrivals != 10_000 || r.PerSecond != 1000 || r.GapCV != 0 || r.Dispersion != 0 ||
		r.Peak1ms != 1 || r.Peak10ms != 10 || r.Peak100ms != 100 || r.DistinctKeys != 1 || r.Top1Share != 1 {
		t.Errorf("constant 1k/s: %+v", r)
	}
	r = realised(t, mustWorkload(t, 1, Stream{Process: poissonAt(t, "10k/s")}), 20*time.Second)
	if !near(r.GapCV, 1, 0.01) || !near(r.Dispersion, 1, 0.3) || !near(r.PerSecond, 10_000, 100) || r.Peak1ms < 20 || r.Peak1ms > 35 {
		t.Errorf("poisson 10k/s: %+v", r)
	}
	// On for 50 of 500 ms at 10k/s: one of five windows of 100 ms holds 500.
	r = realised(t, mustWorkload(t, 1, Stream{Process: must(NewBurst(BurstConfig{Rate: rate(t, "1k/s")}))(t)}), 10*time.Second)
	if r.Peak1ms != 10 || r.Peak10ms != 100 || r.Peak100ms != 500 || !near(r.Dispersion, 400*100./99, 1e-9) || !near(r.GapCV, 20, 2) {
		t.Errorf("burst 1k/s: %+v", r)
	}
	// The last window ends beyond the horizon and says nothing about dispersion.
	r = realised(t, mustWorkload(t, 1, Stream{Process: constant(t, "1k/s")}), 1050*time.Millisecond)
	if r.Dispersion != 0 || r.Peak100ms != 100 {
		t.Errorf("constant 1k/s for 1.05s: %+v", r)
	}
	r = realised(t, mustWorkload(t, 1, Stream{Process: must(NewStages(StagesConfig{Stages{{1e9, rate(t, "5/s")}}}))(t)}), time.Hour)
	if r.Arrivals != 5 || !near(r.PerSecond, 5./3600, 1e-12) || !near(r.Dispersion, 1, 0.01) {
		t.Errorf("five arrivals in an hour: %+v", r)
	}
}

func TestProfileOfKeys(t *testing.T) {
	w := mustWorkload(t, 1,
		Stream{Name: "zipf", Process: constant(t, "10k/s"), Keys: must(NewScrambledZipf(ScrambledZipfConfig{1, 1000}))(t)},
		Stream{Name: "vast", Process: constant(t, "1k/s"), Prefix: "v", Keys: must(NewSequential(SequentialConfig{1 << 30}))(t)},
		Stream{Name: "hot", Process: constant(t, "1k/s"), Keys: must(NewHotSet(HotSetConfig{500, 1, 0.5}))(t)})
	r := realised(t, w, 10*time.Second)
	if r.Uncounted != 0 || r.DistinctKeys != 11_000 {
		t.Errorf("%d distinct keys, %d uncounted; want 10000 of v, 1000 of k, and 0", r.DistinctKeys, r.Uncounted)
	}
	if want := 1 / 7.4854 * 10. / 12; math.Abs(r.Top1Share-want) > 0.01 || r.Top10Share <= r.Top1Share || r.Top100Share <= r.Top10Share {
		t.Errorf("top shares are %v, %v, %v; want first about %v", r.Top1Share, r.Top10Share, r.Top100Share, want)
	}
	if len(r.Fits) != 2 || r.Fits[0].Class != 0 || r.Fits[1].Class != 2 {
		t.Fatalf("fits are %+v; want those of classes 0 and 2", r.Fits)
	}
	for _, f := range r.Fits {
		if f.P < 0.001 || f.DegreesOfFreedom < 499 {
			t.Errorf("fit is %+v; want p of at least 0.001", f)
		}
	}
}

// TestFitCells has a cell per key that is expected 5 times and one for all others.
func TestFitCells(t *testing.T) {
	hot := must(NewHotSet(HotSetConfig{104, 4, 0.5}))(t)
	for horizon, want := range map[time.Duration]int{100 * time.Second: 4, 2000 * time.Second: 103} {
		r := realised(t, mustWorkload(t, 1, Stream{Process: constant(t, "1/s"), Keys: hot}), horizon)
		if len(r.Fits) != 1 || r.Fits[0].DegreesOfFreedom != want {
			t.Errorf("%v: fits are %+v; want %d degrees of freedom", horizon, r.Fits, want)
		}
	}
}

// TestProfileSeesMisfit draws from a law that does not do what it says.
func TestProfileSeesMisfit(t *testing.T) {
	w := mustWorkload(t, 1, Stream{
		Process: constant(t, "10k/s"),
		Keys:    liar{zipf(t, 1, 1000), zipf(t, 1.02, 1000).(Weighted)},
	})
	r := realised(t, w, 10*time.Second)
	if len(r.Fits) != 1 || r.Fits[0].P > 1e-6 {
		t.Errorf("fits are %+v; want one that is refuted", r.Fits)
	}
}

type liar struct {
	Keys
	Weighted
}

func (l liar) N() uint64 { return l.Keys.N() }

func (l liar) Pick(r seed.Stream, k uint64) uint64 { return l.Keys.Pick(r, k) }

// TestProfileMemory has more keys than are kept.
func TestProfileMemory(t *testing.T) {
	w := mustWorkload(t, 1, Stream{Process: constant(t, "1/s"), Keys: must(NewSequential(SequentialConfig{1 << 30}))(t)})
	p := NewProfile(w, time.Second)
	for i := range MaxInterned + 10 {
		p.Add(&Arrival{Seq: uint64(i), Key: strconv.Itoa(i), KeyID: NoKeyID})
	}
	if r := p.Realised(); r.DistinctKeys != MaxInterned || r.Uncounted != 10 {
		t.Errorf("%d distinct keys, %d arrivals uncounted; want %d and 10", r.DistinctKeys, r.Uncounted, MaxInterned)
	}
}

// TestChiSquareP checks the distribution against published quantiles.
func TestChiSquareP(t *testing.T) {
	for _, tt := range []struct {
		x       float64
		degrees int
		want    float64
	}{
		{0, 5, 1},
		{3.841459, 1, 0.05},
		{10.82757, 1, 0.001},
		{5.991465, 2, 0.05},
		{18.30704, 10, 0.05},
		{3.940299, 10, 0.95},
		{124.3421, 100, 0.05},
		{77.92947, 100, 0.95},
		{149.4493, 100, 0.001},
		{1e6, 1_000_001, 0.5},
	} {
		if got := chiSquareP(tt.x, tt.degrees); math.Abs(got-tt.want) > 1e-3*tt.want {
			t.Errorf("P(χ² ≥ %v) with %d degrees of freedom is %v; want %v", tt.x, tt.degrees, got, tt.want)
		}
	}
}

// TestProfileThatACountEnds: rate and dispersion are of the time that the arrivals
// took, not of a horizon that they never reach.
func TestProfileThatACountEnds(t *testing.T) {
	w := mustWorkload(t, 1, Stream{Process: poissonAt(t, "1k/s")})
	long, ended := NewProfile(w, 10*time.Second), NewProfile(w, 1000*time.Hour)
	for _, a := range arrivals(t, w.Schedule(10*time.Second), math.MaxInt) {
		long.Add(&a)
		ended.Add(&a)
	}
	ended.End()
	want, got := long.Realised(), ended.Realised()
	if math.Abs(got.PerSecond-want.PerSecond) > 1 || math.Abs(got.Dispersion-want.Dispersion) > 0.05 {
		t.Errorf("rate and dispersion are %v and %v; want about %v and %v", got.PerSecond, got.Dispersion, want.PerSecond, want.Dispersion)
	}
}
