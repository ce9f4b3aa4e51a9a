package headroom

import (
	"errors"
	"math"
	"strings"
	"testing"
)

func within(share float64, all ...Measured) []Measured {
	for i := range all {
		all[i].Low, all[i].High = all[i].Capacity*(1-share), all[i].Capacity*(1+share)
	}
	return all
}

// TestSuperlinear: where more instances take more each there is no law, unless chance
// explains it.
func TestSuperlinear(t *testing.T) {
	rising := exact(Law{1000, 0, 0}, 1, 2, 3, 4, 6, 8)
	for i := range rising {
		rising[i].Capacity *= 1 + 0.05*float64(i)
	}
	late := exact(Law{1000, 0.05, 0}, 1, 2, 3, 4, 6, 8)
	late[5].Capacity *= 1.6
	for _, tt := range []struct {
		name string
		all  []Measured
		want string // part of the reason; "" for none
	}{
		{"five times the workers, seven times the throughput", []Measured{{Instances: 2, Capacity: 1000}, {Instances: 10, Capacity: 7000}}, "5 times the instances (10 for 2) take 7 times as much (7000 for 1000/s)"},
		{"with intervals", within(0.02, Measured{Instances: 1, Capacity: 1000}, Measured{Instances: 5, Capacity: 7000}), "5 times the instances (5 for 1) take 7 times as much"},
		{"in any order", []Measured{{Instances: 10, Capacity: 7000}, {Instances: 2, Capacity: 1000}}, "(10 for 2)"},
		{"within wide intervals", within(0.4, Measured{Instances: 1, Capacity: 1000}, Measured{Instances: 5, Capacity: 7000}), ""},
		{"within 5 %, of which nothing is known", []Measured{{Instances: 1, Capacity: 1000}, {Instances: 2, Capacity: 2090}}, ""},
		{"beyond 5 %", []Measured{{Instances: 1, Capacity: 1000}, {Instances: 2, Capacity: 2110}}, "2 times the instances"},
		{"more and more", rising, "8 times the instances (8 for 1) take 10 times as much"},
		{"one that takes too much", within(0.02, late...), "(8 for "},
		{"linear", exact(Law{1000, 0, 0}, 1, 2, 3, 4, 6, 8), ""},
		{"twice the same number", []Measured{{Instances: 2, Capacity: 1000}, {Instances: 2, Capacity: 2000}}, ""},
	} {
		c, err := NewCurve(tt.all, 0.95, 1)
		if err != nil {
			t.Errorf("%s: %v", tt.name, err)
			continue
		}
		if c.Superlinear != (tt.want != "") || tt.want != "" && !strings.Contains(c.Why, tt.want) || c.Superlinear && c.Law != nil {
			t.Errorf("%s: superlinear is %v: %s; want %q", tt.name, c.Superlinear, c.Why, tt.want)
		}
	}
}

// TestFewCounts: fewer than six numbers of instances have a table and no law.
func TestFewCounts(t *testing.T) {
	law := Law{1000, 0.05, 0.001}
	all := append(exact(law, 1, 2, 3, 4, 6), exact(law, 6)...)
	c, err := NewCurve(all, 0.95, 1)
	if err != nil || c.Law != nil || c.Superlinear || c.Told() != 6 || !strings.Contains(c.Why, "5 numbers of instances were measured; want 6") {
		t.Fatalf("law is %v, of %d, %q, %v; want none", c.Law, c.Told(), c.Why, err)
	}
	if c, err = NewCurve(exact(law, 6, 4, 3, 2, 1, 8), 0.95, 1); err != nil || c.Law == nil || c.Told() != 16 {
		t.Fatalf("of six numbers law is %v, %v; want one", c.Law, err)
	}
}

// TestSupply: what is told, and what is not.
func TestSupply(t *testing.T) {
	law := Law{1000, 0.1, 0.001}
	full, err := NewCurve(exact(law, 1, 2, 4, 8, 12, 16), 0.95, 1)
	if err != nil {
		t.Fatal(err)
	}
	few, err := NewCurve(within(0.1, exact(law, 1, 4)...), 0.95, 1)
	if err != nil {
		t.Fatal(err)
	}
	super, err := NewCurve(exact(Law{1000, 0, 0}, 1, 2), 0.95, 1)
	if err != nil {
		t.Fatal(err)
	}
	super.Law, super.Why = nil, "superlinear"
	one := Interval{900, 1100}
	for _, tt := range []struct {
		name   string
		supply Supply
		n      int
		want   Interval
		no     string
	}{
		{"linear", Linear(one), 3, Interval{2700, 3300}, ""},
		{"by the law", Scaled{Curve: full}, 10, Interval{law.At(10), law.At(10)}, ""},
		{"by the law at its end", Scaled{Curve: full}, 32, Interval{law.At(32), law.At(32)}, ""},
		{"beyond", Scaled{Curve: full}, 33, Interval{}, "instances are 33; want 1 to 32: nothing is told beyond 32, twice the largest number that was measured"},
		{"none", Scaled{Curve: full}, 0, Interval{}, "instances are 0; want 1 to 32"},
		{"times one", Scaled{full, &one}, 10, Interval{900 * law.Times(10), 1100 * law.Times(10)}, ""},
		{"one itself", Scaled{few, &one}, 1, one, ""},
		{"measured", Scaled{Curve: few}, 4, Interval{0.9 * law.At(4), 1.1 * law.At(4)}, ""},
		{"not measured", Scaled{Curve: few}, 2, Interval{}, "2 instances were not measured, and there is no law: 2 numbers"},
		{"beyond the measured", Scaled{Curve: few}, 5, Interval{}, "want 1 to 4: nothing is told beyond the 4 that were measured"},
		{"no law, and another one", Scaled{super, &one}, 2, Interval{}, "what 2 instances take is not known: superlinear"},
	} {
		got, err := tt.supply.At(tt.n)
		if tt.no != "" {
			if err == nil || !strings.Contains(err.Error(), tt.no) {
				t.Errorf("%s: error is %v; want %q", tt.name, err, tt.no)
			}
			continue
		}
		if err != nil || math.Abs(got.Low/tt.want.Low-1) > 1e-6 || math.Abs(got.High/tt.want.High-1) > 1e-6 {
			t.Errorf("%s: %v, %v; want %v", tt.name, got, err, tt.want)
		}
	}
}

func TestNeeded(t *testing.T) {
	law := Law{1000, 0.1, 0.001} // takes most by 30
	full, err := NewCurve(exact(law, 1, 2, 4, 8, 12, 16), 0.95, 1)
	if err != nil {
		t.Fatal(err)
	}
	few, err := NewCurve(within(0.1, exact(Law{1000, 0, 0}, 1, 4)...), 0.95, 1)
	if err != nil {
		t.Fatal(err)
	}
	half, err := NewCurve(exact(law, 1, 2, 4, 6, 8, 12), 0.95, 1)
	if err != nil {
		t.Fatal(err)
	}
	one, other := Interval{500, 1000}, Interval{800, 1000}
	for _, tt := range []struct {
		name      string
		supply    Supply
		rate, use float64
		want      Needed
		no        string
	}{
		{"linear", Linear(one), 4000, 0.7, Needed{6, 12}, ""},
		{"exactly", Linear{1000, 1000}, 2100, 0.7, Needed{3, 3}, ""},
		{"at least one", Linear{1000, math.Inf(1)}, 1, 1, Needed{0, 1}, ""},
		{"far too many", Linear{1e-9, 1e-9}, 1e12, 1, Needed{}, "nothing is told beyond"},
		{"by the law", Scaled{Curve: full}, law.At(10), 1 + 1e-9, Needed{10, 10}, ""},
		{"by the law, half used", Scaled{Curve: full}, law.At(10) / 2, 0.5 + 1e-9, Needed{10, 10}, ""},
		{"by the law times one", Scaled{full, &other}, 1000 * law.Times(4), 1 + 1e-9, Needed{4, 6}, ""},
		{"more than there is", Scaled{Curve: full}, law.At(30) + 10, 1, Needed{}, "no number of instances suffices: with more than 30 they take less and less"},
		{"more than is told", Scaled{Curve: half}, law.At(30), 1, Needed{}, "no number of instances up to 24 is sure to suffice: nothing is told beyond 24, twice"},
		{"measured", Scaled{Curve: few}, 1050, 1, Needed{1, 4}, ""},
		{"not by what was measured", Scaled{Curve: few}, 4000, 1, Needed{}, "nothing is told beyond the 4 that were measured"},
		{"no law, and another one", Scaled{few, &one}, 10, 1, Needed{}, "not told by --scale: 2 numbers"},
	} {
		got, err := tt.supply.Needed(tt.rate, tt.use)
		if tt.no != "" {
			if err == nil || !strings.Contains(err.Error(), tt.no) {
				t.Errorf("%s: error is %v; want %q", tt.name, err, tt.no)
			}
			continue
		}
		if err != nil || got != tt.want {
			t.Errorf("%s: %v, %v; want %v", tt.name, got, err, tt.want)
		}
	}
	if _, err := (Scaled{Curve: full}).Needed(1e9, 1); !errors.Is(err, ErrNever) {
		t.Errorf("error is %v; want ErrNever", err)
	}
	if _, err := (Scaled{Curve: half}).Needed(1e9, 1); !errors.Is(err, ErrNotTold) {
		t.Errorf("error is %v; want ErrNotTold", err)
	}
}

// TestMeasuredAllAtOnce: everything that is wrong with a scale is said at once.
func TestMeasuredAllAtOnce(t *testing.T) {
	_, err := NewCurve(nil, 0.95, 1)
	if err == nil {
		t.Error("nothing gives a curve")
	}
	_, err = NewCurve([]Measured{{0, 5, 0, 0}, {1, -5, 0, 0}, {2, math.NaN(), 0, 0}, {3, 5, 4, 6}}, 0.95, 1)
	for _, want := range []string{"instances is 0", "capacity is -5", "capacity is NaN", "some have an interval"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error is %v; want %q in it", err, want)
		}
	}
}

// TestSameBand: the same seed draws the same band, bit for bit, and another another.
func TestSameBand(t *testing.T) {
	all := within(0.03, exact(Law{1000, 0.05, 0.001}, 1, 2, 3, 4, 6, 8)...)
	var bands []Band
	for _, root := range []uint64{1, 1, 2} {
		c, err := NewCurve(all, 0.95, root)
		if err != nil {
			t.Fatal(err)
		}
		bands = append(bands, c.Band(16))
	}
	if bands[0] != bands[1] || bands[0] == bands[2] {
		t.Errorf("bands are %v; want the first two alike and the third not", bands)
	}
}

// TestMisfit: where measurements are farther from any law than their intervals allow, the
// band is that of wider ones; where they are not, it is theirs.
func TestMisfit(t *testing.T) {
	law := Law{1000, 0.05, 0.001}
	good := within(0.02, exact(law, 1, 2, 3, 4, 6, 8, 12, 16)...)
	bad := within(0.02, exact(law, 1, 2, 3, 4, 6, 8, 12, 16)...)
	for i := range bad {
		off := 1 - 0.06*float64(i%2)
		bad[i].Capacity, bad[i].Low, bad[i].High = bad[i].Capacity*off, bad[i].Low*off, bad[i].High*off
	}
	var width [2]float64
	for i, all := range [][]Measured{good, bad} {
		c, err := NewCurve(all, 0.95, 1)
		if err != nil || c.Law == nil {
			t.Fatalf("%v, %v", c, err)
		}
		if misfit := c.Misfit > 1.5; misfit != (i == 1) {
			t.Errorf("curve %d is off by %.3g times its intervals", i, c.Misfit)
		}
		b := c.Band(16)
		width[i] = (b.High - b.Low) / b.Value
	}
	if width[1] < 1.5*width[0] {
		t.Errorf("bands are %v wide; want the second far wider", width)
	}
}

// TestWeights: what is hardly known counts for little.
func TestWeights(t *testing.T) {
	law := Law{1000, 0.05, 0.001}
	all := within(0.01, exact(law, 1, 2, 3, 4, 6, 8)...)
	all[3] = Measured{Instances: 4, Capacity: 2000, Low: 1000, High: 4000}
	c, err := NewCurve(all, 0.95, 1)
	if err != nil || c.Law == nil {
		t.Fatalf("%v, %v", c, err)
	}
	if off := math.Abs(c.Law.At(8)/law.At(8) - 1); off > 0.002 {
		t.Errorf("8 take %v by %v; want about %v", c.Law.At(8), *c.Law, law.At(8))
	}
}
