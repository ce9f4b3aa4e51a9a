package simulated

import (
	"context"
	"math"
	"testing"

	"github.com/fcbench/fcbench/internal/capacity"
	"github.com/fcbench/fcbench/internal/rounds"
)

// TestGates is the small version of `fcbench selftest --capacity --comparisons`: no false alarm, a
// loss of twice the margin is found as often as is predicted, and is of the size that it has.
func TestGates(t *testing.T) {
	n := rounds.Of(100)
	for _, margin := range []float64{0.05, 0.005} {
		for _, loss := range []float64{0, 2 * margin} {
			r, err := Clumps().Gates(context.Background(), 0, n, margin, loss)
			if err != nil || r.Misses() != nil || math.Abs(r.Change+loss) > 0.004 {
				t.Errorf("margin %g, loss %g: %+v, %v, %v", margin, loss, r, err, r.Misses())
			}
			if loss > 0 && (margin < 0.05) == (r.Predicted > 0.9) {
				t.Errorf("margin %g: predicted %.2f; want one that is certain, and one that is not", margin, r.Predicted)
			}
		}
	}
}

// TestGatesOfEveryTarget finds less of any kind, but under the race detector, which makes arrivals ten
// times slower and sees the same in clumps.
func TestGatesOfEveryTarget(t *testing.T) {
	names := []string{"cliff", "shallow", "mm4", ""}
	for _, name := range names[:rounds.Of(4)-1] {
		for loss, want := range map[float64]float64{0: 0, 0.1: 1} {
			r, err := Named(name).Gates(context.Background(), 0, 1, 0.05, loss)
			if err != nil || r.Regressed != want || r.Unpaired > 0 {
				t.Errorf("%s with a loss of %g: %+v, %v; want %g of them red", name, loss, r, err, want)
			}
		}
	}
}

// TestMissesOfGatesAreSeen: rows that are not good enough are called so.
func TestMissesOfGatesAreSeen(t *testing.T) {
	for name, c := range map[string]struct {
		row  GateRow
		good bool
	}{
		"no alarm":        {GateRow{Gates: 1000}, true},
		"1 % of alarms":   {GateRow{Gates: 1000, Regressed: 0.01}, true},
		"3 % of alarms":   {GateRow{Gates: 1000, Regressed: 0.03}, false},
		"as predicted":    {GateRow{Gates: 1000, Loss: 0.1, Regressed: 0.7, Predicted: 0.71}, true},
		"less often":      {GateRow{Gates: 1000, Loss: 0.1, Regressed: 0.6, Predicted: 0.71}, false},
		"more often":      {GateRow{Gates: 1000, Loss: 0.1, Regressed: 0.8, Predicted: 0.71}, false},
		"without pairs":   {GateRow{Gates: 1000, Unpaired: 0.1}, false},
		"few of a chance": {GateRow{Gates: 10, Loss: 0.1, Regressed: 0.9, Predicted: 1}, true},
	} {
		if got := c.row.Misses() == nil; got != c.good {
			t.Errorf("%s: %v; want it good: %t", name, c.row.Misses(), c.good)
		}
	}
}

// TestLess: the capacity of what is less by a share is less by that, by theory too.
func TestLess(t *testing.T) {
	for _, w := range Worlds() {
		if w.Truth == 0 {
			continue
		}
		less := w.Less(0.1)
		if math.Abs(less.Truth/w.Truth-0.9) > 1e-9 {
			t.Errorf("%s: %g after %g; want 10 %% less", w.Name, less.Truth, w.Truth)
		}
		if w.cap == 0 && w.slow == nil && math.Abs(less.truth()/less.Truth-1) > 1e-6 {
			t.Errorf("%s: by theory it is %g; want %g", w.Name, less.truth(), less.Truth)
		}
	}
	if m := Named("mm1").Less(0); m.Truth != Named("mm1").Truth {
		t.Errorf("nothing less is %g", m.Truth)
	}
}

// TestTheoryHasNoHole: where the waiting and the services of several servers are alike, the formula
// is 0/0, and the share is between those of both sides.
func TestTheoryHasNoHole(t *testing.T) {
	s := Named("mm4").server
	at := 3 / s.mean() // c − 1 − λ/µ is 0
	below, there, above := s.late(at*(1-1e-9), s.bound), s.late(at, s.bound), s.late(at*(1+1e-9), s.bound)
	if !(below < there && there < above) || above/below > 1.000001 {
		t.Errorf("shares are %.12g, %.12g and %.12g; want them to grow", below, there, above)
	}
}

// TestClumpsAreThoseOfAQueue: what is drawn has the mean and the dispersion of what is simulated.
func TestClumpsAreThoseOfAQueue(t *testing.T) {
	moments := func(w World, n int) (mean, dispersion float64) {
		var sum, squares float64
		measure := w.Start(1)
		for k := range uint64(n) {
			o, err := measure(context.Background(), capacity.Trial{Value: w.Truth, Warmup: 1e9, Length: 4e9, Seed: k})
			if err != nil {
				t.Fatal(err)
			}
			bad := float64(o.Goals[0].Bad)
			sum, squares = sum+bad, squares+bad*bad
		}
		mean = sum / float64(n)
		return mean, (squares/float64(n) - mean*mean) / mean
	}
	drawn, itsDispersion := moments(Clumps(), 2000)
	if want := 0.01 * 4 * Clumps().Truth; math.Abs(drawn/want-1) > 0.1 {
		t.Errorf("drawn are %.1f slow requests of a trial; want %.1f", drawn, want)
	}
	followed, dispersion := moments(Named("mm1"), rounds.Of(60))
	if math.Abs(math.Log(drawn/followed)) > math.Log(2) || math.Abs(math.Log(itsDispersion/dispersion)) > math.Log(2.5) {
		t.Errorf("drawn are %.0f, dispersed %.0f; followed %.0f, %.0f; want about the same", drawn, itsDispersion, followed, dispersion)
	}
}
