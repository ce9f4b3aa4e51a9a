package worlds

import (
	"math"
	"math/rand/v2"
	"testing"
)

// The noise of each world is as large as it says.
func TestPairSD(t *testing.T) {
	for _, w := range Worlds() {
		r := rand.New(rand.NewPCG(1, 2))
		squares, pairs := 0.0, 200_000
		n := w.noise()
		n.start(r)
		for i := range pairs {
			first := n.run(r, false)
			d := n.run(r, true) - first
			if i%2 == 1 {
				d = -d // the other order
			}
			squares += d * d
		}
		sd, off := math.Sqrt(squares/float64(pairs)), 0.02
		if w.Name == "heavy tails" {
			off = 0.1
		}
		if math.Abs(sd/w.PairSD-1) > off {
			t.Errorf("pair SD of %s is %v; want %v", w.Name, sd, w.PairSD)
		}
	}
}

// A sample of what selftest --simulate plays in full: some gates of every world.
func TestRates(t *testing.T) {
	for _, w := range Worlds() {
		for claims, gates := range map[int]int{1: 200, 6: 30, 20: 10} {
			c, err := w.Play(claims, 7, 0, gates)
			if err != nil {
				t.Fatal(err)
			}
			row := w.Row(claims, c, 0)
			if share := 0.01 * float64(gates); row.Gates != gates || float64(row.Alarms) > share+4*math.Sqrt(share) {
				t.Errorf("%+v: too many alarms", row)
			}
			if w.PairSD <= Margin && row.Power < 0.8 {
				t.Errorf("%+v: too little is found", row)
			}
			if row.Coverage < Nominal()-0.02 {
				t.Errorf("%+v: intervals are too narrow", row)
			}
		}
	}
}

// Parts of a world add up to the whole, in whatever order they are played.
func TestPartsAddUp(t *testing.T) {
	w := Worlds()[5]
	whole, err := w.Play(6, 3, 0, 30)
	if err != nil {
		t.Fatal(err)
	}
	var sum Counts
	for _, part := range [][2]int{{17, 30}, {0, 9}, {9, 17}} {
		c, _ := w.Play(6, 3, part[0], part[1])
		sum.Add(c)
	}
	if sum != whole {
		t.Errorf("parts add up to %+v; want %+v", sum, whole)
	}
}

// What the plan says of a record is what gates do.
func TestPredict(t *testing.T) {
	w := Worlds()[7] // a noisy neighbour
	c, err := w.Play(1, 5, 0, 1000)
	if err != nil {
		t.Fatal(err)
	}
	predicted, err := w.Predict(1, 5, 2000)
	if err != nil {
		t.Fatal(err)
	}
	if row := w.Row(1, c, predicted); math.Abs(row.Power-row.Predicted) > 0.06 {
		t.Errorf("%+v: power is not what was planned", row)
	}
}

// A row that misses what must be reached says so.
func TestMissed(t *testing.T) {
	good := Row{"iid", 6, 0.02, 5000, 50, 0.95, 0.5, 0.94}
	for _, c := range []struct {
		name string
		with func(*Row)
		want int
	}{
		{"nothing", func(*Row) {}, 0},
		{"alarms", func(r *Row) { r.Alarms = 51 }, 1},
		{"power", func(r *Row) { r.Power = 0.94 }, 1},
		{"power that is planned", func(r *Row) { r.PairSD, r.Power = 0.05, 0.52 }, 0},
		{"power that is not", func(r *Row) { r.PairSD, r.Power = 0.05, 0.46 }, 1},
		{"coverage", func(r *Row) { r.Coverage = 0.92 }, 1},
		{"everything", func(r *Row) { r.Alarms, r.Power, r.Coverage = 1000, 0, 0 }, 3},
		{"everything, of few gates", func(r *Row) { r.Gates, r.Alarms, r.Power, r.Coverage = 4999, 1000, 0, 0 }, 0},
	} {
		row := good
		if c.with(&row); len(row.Missed()) != c.want {
			t.Errorf("%s: %q; want %d", c.name, row.Missed(), c.want)
		}
	}
}

func TestPlayingAllocatesNothing(t *testing.T) {
	w := Worlds()[0]
	tab, err := w.table(6)
	if err != nil {
		t.Fatal(err)
	}
	var c Counts
	g := uint64(0)
	if n := testing.AllocsPerRun(50, func() { g++; tab.play(1, g, 1, &c) }); n > 0 {
		t.Errorf("a gate allocates %v times", n)
	}
}
