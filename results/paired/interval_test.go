package paired

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// A short number stays one: what is compared with a bound must not miss it by a rounding.
func TestDifferencesStayShort(t *testing.T) {
	if d := Differences(Additive, []float64{0, 1, 0.1, 3}, []float64{2, 4, 0.3, 3}); d[0] != 2 || d[1] != 3 || math.Abs(d[2]-0.2) > 1e-11 || d[3] != 0 {
		t.Errorf("differences are %v", d)
	}
	inf := math.Inf(1)
	if d := Differences(Ratio, []float64{1, inf, inf, 1}, []float64{2, 1, inf, inf}); !slices.Equal(d[1:], []float64{-inf, 0, inf}) || math.Abs(d[0]-math.Ln2) > 1e-11 {
		t.Errorf("ratios are %v", d)
	}
	// the same shares, as ten different computers might have them
	if d := Differences(Additive, []float64{0.1, 0.2}, []float64{0.4, 0.5}); d[0] != d[1] {
		t.Errorf("differences are %v; want a tie", d)
	}
}

// Beyond what is counted out, the normal distribution goes on where the exact one ends.
func TestSignedGoesOn(t *testing.T) {
	r := rand.New(rand.NewPCG(4, 4))
	d := make([]float64, countedUpTo)
	for i := range d {
		d[i] = math.Round(1000*(r.NormFloat64()+0.15)) / 100
	}
	exact := Signed(d, 0.05)
	p, k := manySigned(d, 0.05)
	if math.Abs(p/exact.P-1) > 0.2 {
		t.Errorf("p is %v; want about %v", p, exact.P)
	}
	if want := tablesUpTo(countedUpTo).critical(countedUpTo, 0.025); math.Abs(float64(k-want)) > 3 {
		t.Errorf("critical is %d; want about %d", k, want)
	}
	if in := Signed(append(slices.Clone(d), d...), 0.05); in.P > exact.P || in.Lower < exact.Lower-0.1 || in.Upper > exact.Upper+0.1 {
		t.Errorf("twice as many say %+v; want more than %+v", in, exact)
	}
	if in := Signed(make([]float64, 200), 0.05); in.P != 1 || in.Estimate != 0 {
		t.Errorf("nothing but zeros: %+v", in)
	}
}

// Of few differences nothing is bounded, and of none nothing is known.
func TestSignedOfFew(t *testing.T) {
	if in := Signed([]float64{1, 2, 3, 4, 5}, 0.05); !math.IsInf(in.Lower, -1) || !math.IsInf(in.Upper, 1) || in.P != 2./32 || in.Estimate != 3 {
		t.Errorf("of five: %+v", in)
	}
	if in := Signed([]float64{1, 2, 3, 4, 5, 6}, 0.05); in.Lower != 1 || in.Upper != 6 || in.P != 2./64 {
		t.Errorf("of six: %+v", in)
	}
	if in := Signed(nil, 0.05); !math.IsInf(in.Lower, -1) || !math.IsInf(in.Upper, 1) || in.P != 1 {
		t.Errorf("of none: %+v", in)
	}
}
