package paired_test

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"github.com/fcbench/fcbench/results"
	"github.com/fcbench/fcbench/results/paired"
)

// latency is a claim on a time.
func latency(name string) paired.Claim {
	return paired.Claim{Name: name, Better: results.Lower, Scale: paired.Ratio, Margin: 0.05}
}

func judge(t *testing.T, d paired.Design, claims ...paired.Claim) *paired.Judge {
	t.Helper()
	j, err := paired.NewJudge(d, claims)
	if err != nil {
		t.Fatal(err)
	}
	return j
}

// runs makes n pairs whose B is worse by the factor, with noise of sd in each run.
func runs(r *rand.Rand, n int, factor, sd float64) (s paired.Sample) {
	for range n {
		s.A = append(s.A, 1e6*math.Exp(sd*r.NormFloat64()))
		s.B = append(s.B, 1e6*factor*math.Exp(sd*r.NormFloat64()))
	}
	return s
}

func TestVerdicts(t *testing.T) {
	d := paired.Default()
	orders := d.Orders(1)
	r := rand.New(rand.NewPCG(1, 1))
	for _, c := range []struct {
		name  string
		claim paired.Claim
		s     paired.Sample
		look  int
		want  paired.Verdict
	}{
		{"equal", latency("p"), runs(r, 8, 1, 0.01), 0, paired.Pass},
		{"worse", latency("p"), runs(r, 8, 1.15, 0.01), 0, paired.Regressed},
		{"better", latency("p"), runs(r, 8, 0.85, 0.01), 0, paired.Improved},
		{"significant, but less than the margin", latency("p"), runs(r, 20, 1.02, 0.005), 2, paired.Pass},
		{"at the margin", latency("p"), runs(r, 20, 1.05, 0.05), 2, paired.Inconclusive},
		{"too noisy", latency("p"), runs(r, 8, 1, 0.3), 0, paired.Inconclusive},
		{"less of what should be more", paired.Claim{Name: "g", Better: results.Higher, Scale: paired.Ratio, Margin: 0.02}, runs(r, 8, 0.9, 0.01), 0, paired.Regressed},
		{"a side is missing", latency("p"), paired.Sample{A: make([]float64, 8)}, 0, paired.Invalid},
		{"nothing", latency("p"), paired.Sample{}, 0, paired.NoData},
		{"one value is missing", latency("p"), withNaN(runs(r, 8, 1, 0.01)), 0, paired.NoData},
		{"itself", latency("p"), itself(runs(r, 8, 1, 0.01)), 0, paired.NoData},
		{"a rate that both keep", paired.Claim{Name: "g", Better: results.Higher, Scale: paired.Ratio, Margin: 0.02, Steady: true}, constant(2000, 2000, 8), 0, paired.Pass},
		{"no error on either side", paired.Claim{Name: "e", Better: results.Lower, Scale: paired.Additive, Margin: 0.001, Steady: true}, constant(0, 0, 8), 0, paired.Pass},
		{"errors where none were", paired.Claim{Name: "e", Better: results.Lower, Scale: paired.Additive, Margin: 0.001, Steady: true}, constant(0, 0.01, 8), 0, paired.Regressed},
		{"below the floor", paired.Claim{Name: "p", Better: results.Lower, Scale: paired.Ratio, Margin: 0.05, Floor: 200e3}, runs(r, 8, 1.15, 0.01), 0, paired.Pass},
		{"exact, equal", paired.Claim{Name: "x", Better: results.Lower, Scale: paired.Exact}, constant(3, 3, 1), 0, paired.Pass},
		{"exact, one more", paired.Claim{Name: "x", Better: results.Lower, Scale: paired.Exact}, constant(3, 4, 1), 0, paired.Regressed},
		{"exact, one less", paired.Claim{Name: "x", Better: results.Lower, Scale: paired.Exact}, constant(4, 3, 1), 0, paired.Improved},
		{"exact, but it varies", paired.Claim{Name: "x", Better: results.Lower, Scale: paired.Exact}, paired.Sample{A: []float64{3, 4}, B: []float64{3, 3}}, 0, paired.Invalid},
		{"exact, no data", paired.Claim{Name: "x", Better: results.Lower, Scale: paired.Exact}, paired.Sample{A: []float64{3}}, 0, paired.NoData},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := judge(t, d, c.claim).Look(c.look, []paired.Sample{c.s}, orders)
			if one := got.Claims[0]; one.Verdict != c.want || got.Verdict != c.want {
				t.Errorf("verdict is %s, of all %s (%+v); want %s", one.Verdict, got.Verdict, one, c.want)
			}
			if said := got.Claims[0].Reason != ""; said != (c.want == paired.NoData || c.want == paired.Invalid) {
				t.Errorf("reason is %q with %s", got.Claims[0].Reason, c.want)
			}
		})
	}
}

func withNaN(s paired.Sample) paired.Sample {
	s.B[3] = math.NaN()
	return s
}

func itself(s paired.Sample) paired.Sample { return paired.Sample{A: s.A, B: s.A} }

func constant(a, b float64, n int) paired.Sample {
	return paired.Sample{A: slices.Repeat([]float64{a}, n), B: slices.Repeat([]float64{b}, n)}
}

// Swapping the sides mirrors estimates and p-values, and the verdicts of worse and better.
func TestSwapMirrors(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	d := paired.Default()
	claims := []paired.Claim{latency("a"), {Name: "b", Better: results.Higher, Scale: paired.Ratio, Margin: 0.02, Floor: 30e3}, {Name: "c", Better: results.NearZero, Scale: paired.Additive, Margin: 1e4, Steady: true}}
	forth, back := judge(t, d, claims...), judge(t, d, claims...)
	mirror := map[paired.Verdict]paired.Verdict{paired.Regressed: paired.Improved, paired.Improved: paired.Regressed}
	found := 0
	for round := range 300 {
		look := round % 3
		n := d.Looks[look].Pairs
		var s, swapped []paired.Sample
		for range claims {
			one := runs(r, n, 1+0.1*r.NormFloat64(), 0.02)
			if round%2 == 0 { // ties and zeros
				for i := range one.A {
					one.A[i], one.B[i] = 1e6+1e4*math.Round(one.A[i]/1e5), 1e6+1e4*math.Round(one.B[i]/1e5)
				}
			}
			s, swapped = append(s, one), append(swapped, paired.Sample{A: one.B, B: one.A})
		}
		x, y := forth.Look(look, s, d.Orders(1)), back.Look(look, swapped, d.Orders(1))
		for i := range claims {
			a, b := x.Claims[i], y.Claims[i]
			if a.Estimate != -b.Estimate || a.P != b.PBetter || a.Holm != b.HolmBetter || a.PairSD != b.PairSD || a.Margin != b.Margin || a.OrderEffect != -b.OrderEffect {
				t.Fatalf("%+v\n%+v is no mirror of it", a, b)
			}
			if want, ok := mirror[a.Verdict]; ok {
				found++
				if b.Verdict != want {
					t.Fatalf("%s swapped is %s", a.Verdict, b.Verdict)
				}
			}
		}
	}
	if found < 100 {
		t.Errorf("only %d of the verdicts have a mirror", found)
	}
}

// The p-values of many claims are corrected for their number, step by step.
func TestHolm(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 8))
	var claims []paired.Claim
	var s []paired.Sample
	for i := range 5 {
		claims, s = append(claims, latency(fmt.Sprint(i))), append(s, runs(r, 20, 1+0.02*float64(i), 0.03))
	}
	d := paired.Default()
	got := judge(t, d, claims...).Look(2, s, nil)
	byP := slices.Clone(got.Claims)
	slices.SortFunc(byP, func(a, b paired.Result) int { return int(math.Copysign(1, a.P-b.P)) })
	least := 0.0
	for i, one := range byP {
		least = max(least, min(1, one.P*float64(5-i)))
		if one.Holm != least {
			t.Errorf("p %v is corrected to %v; want %v", one.P, one.Holm, least)
		}
	}
	d.Family = 50
	if more := judge(t, d, claims...).Look(2, s, nil); more.Claims[4].Holm != min(1, 50*got.Claims[4].P) {
		t.Errorf("of a family of 50 p %v is corrected to %v", got.Claims[4].P, more.Claims[4].Holm)
	}
}

// The same data have the same judgement, also of a judge that saw others before.
func TestSameDataSameJudgement(t *testing.T) {
	r := rand.New(rand.NewPCG(9, 9))
	d := paired.Default()
	used := judge(t, d, latency("a"))
	for range 20 {
		s := []paired.Sample{runs(r, 20, 1.05, 0.03)}
		for look := range d.Looks {
			fresh := judge(t, d, latency("a")).Look(look, s, d.Orders(3))
			if again := used.Look(look, s, d.Orders(3)); !reflect.DeepEqual(fresh, again) {
				t.Fatalf("%+v\n%+v", fresh, again)
			}
		}
	}
}

func TestNoAllocation(t *testing.T) {
	r := rand.New(rand.NewPCG(9, 9))
	d := paired.Default()
	j, s, orders := judge(t, d, latency("a"), latency("b")), []paired.Sample{runs(r, 20, 1.05, 0.03), constant(3, 4, 20)}, d.Orders(1)
	if n := testing.AllocsPerRun(100, func() { j.Look(2, s, orders) }); n != 0 {
		t.Errorf("a look allocates %v times", n)
	}
}

// What could never find anything is refused before it is run.
func TestUnreachable(t *testing.T) {
	for _, c := range []struct {
		pairs, claims int
		ok            bool
	}{{8, 1, true}, {8, 2, true}, {8, 3, false}, {14, 163, true}, {14, 164, false}, {64, 500, true}} {
		claims := make([]paired.Claim, c.claims)
		for i := range claims {
			claims[i] = latency(fmt.Sprint(i))
		}
		_, err := paired.NewJudge(paired.Spend([]int{c.pairs}, 0.01, 0.05), claims)
		if c.ok != (err == nil) || err != nil && !errors.Is(err, paired.ErrUnreachable) {
			t.Errorf("%d pairs for %d claims: %v; want ok %v", c.pairs, c.claims, err, c.ok)
		}
	}
}

func TestWrongClaimsAndDesigns(t *testing.T) {
	for name, c := range map[string]struct {
		d      paired.Design
		claims []paired.Claim
	}{
		"no claims":      {paired.Default(), nil},
		"one name twice": {paired.Default(), []paired.Claim{latency("a"), latency("a")}},
		"no direction":   {paired.Default(), []paired.Claim{{Name: "a", Better: results.Neither, Scale: paired.Ratio, Margin: 1}}},
		"no scale":       {paired.Default(), []paired.Claim{{Name: "a", Better: results.Lower, Margin: 1}}},
		"no margin":      {paired.Default(), []paired.Claim{{Name: "a", Better: results.Lower, Scale: paired.Ratio}}},
		"NaN margin":     {paired.Default(), []paired.Claim{{Name: "a", Better: results.Lower, Scale: paired.Ratio, Margin: math.NaN()}}},
		"floor of share": {paired.Default(), []paired.Claim{{Name: "a", Better: results.Lower, Scale: paired.Additive, Margin: 1, Floor: 1}}},
		"ratio to zero":  {paired.Default(), []paired.Claim{{Name: "a", Better: results.NearZero, Scale: paired.Ratio, Margin: 1}}},
		"no looks":       {paired.Design{}, []paired.Claim{latency("a")}},
		"looks back":     {paired.Spend([]int{14, 8}, 0.01, 0.05), []paired.Claim{latency("a")}},
		"too many pairs": {paired.Spend([]int{8, 1000}, 0.01, 0.05), []paired.Claim{latency("a")}},
		"alpha of 0":     {paired.Spend([]int{8}, 0, 0.05), []paired.Claim{latency("a")}},
	} {
		if _, err := paired.NewJudge(c.d, c.claims); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func TestOrders(t *testing.T) {
	firsts := make([]int, 20)
	d := paired.Default()
	for root := range uint64(2000) {
		orders := d.Orders(root)
		for _, l := range d.Looks {
			ba := 0
			for _, o := range orders[:l.Pairs] {
				if o == paired.BA {
					ba++
				}
			}
			if 2*ba != l.Pairs {
				t.Fatalf("seed %d: %d of %d are BA; want half", root, ba, l.Pairs)
			}
		}
		for i, o := range orders {
			if o == paired.BA {
				firsts[i]++
			}
		}
		if !slices.Equal(orders, d.Orders(root)) {
			t.Fatal("one seed has two orders")
		}
	}
	for i, n := range firsts {
		if math.Abs(float64(n)-1000) > 5*math.Sqrt(500) {
			t.Errorf("pair %d is BA for %d of 2000 seeds; want half", i+1, n)
		}
	}
	odd := paired.Spend([]int{7, 10, 15}, 0.01, 0.05)
	for root := range uint64(100) {
		ba := 0
		for i, o := range odd.Orders(root) {
			if o == paired.BA {
				ba++
			}
			if n := i + 1; (n == 7 || n == 10 || n == 15) && (2*ba-n > 1 || n-2*ba > 1) {
				t.Fatalf("seed %d: %d of %d are BA", root, ba, n)
			}
		}
	}
}

func TestSpend(t *testing.T) {
	want := []paired.Look{{8, .004, .02}, {14, .003, .015}, {20, .003, .015}}
	d := paired.Default()
	for i, l := range d.Looks {
		if l.Pairs != want[i].Pairs || math.Abs(l.Fail-want[i].Fail) > 1e-15 || math.Abs(l.Pass-want[i].Pass) > 1e-15 {
			t.Errorf("look %d is %v; want %v", i+1, l, want[i])
		}
	}
	if math.Abs(d.Fail()-0.01) > 1e-15 || math.Abs(d.Pass()-0.05) > 1e-15 {
		t.Errorf("spent are %v and %v", d.Fail(), d.Pass())
	}
}
