package generators

import (
	"math"
	"math/rand/v2"
	"testing"
)

// TestPortable compares the functions with the standard library's, in units in
// the last place; the golden digests see to it that they are portable.
func TestPortable(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	anywhere := func() float64 { return math.Ldexp(0.5+r.Float64()/2, r.IntN(2000)-1000) }
	small := func() float64 { return math.Ldexp(r.Float64()-0.5, -r.IntN(60)) }
	for _, tt := range []struct {
		name      string
		got, want func(float64) float64
		argument  func() float64
		ulps      float64
	}{
		{"exp", exp, math.Exp, func() float64 { return 1400*r.Float64() - 700 }, 3},
		{"exp of little", exp, math.Exp, small, 2},
		{"log", log, math.Log, anywhere, 3},
		{"log near 1", log, math.Log, func() float64 { return 1 + small()/2 }, 4},
		{"expm1Over", expm1Over, func(x float64) float64 { return math.Expm1(x) / x }, small, 4},
		{
			"expm1Over of much", expm1Over, func(x float64) float64 { return math.Expm1(x) / x },
			func() float64 { return 80*r.Float64() - 40 }, 8,
		},
		{"log1pOver", log1pOver, func(x float64) float64 { return math.Log1p(x) / x }, small, 4},
		{"log1pOver of much", log1pOver, func(x float64) float64 { return math.Log1p(x) / x }, anywhere, 6},
	} {
		for range 100_000 {
			x := tt.argument()
			got, want := tt.got(x), tt.want(x)
			ulp := math.Nextafter(math.Abs(want), math.Inf(1)) - math.Abs(want)
			if !(math.Abs(got-want) <= tt.ulps*ulp) {
				t.Errorf("%s(%v) = %v; want %v", tt.name, x, got, want)
				break
			}
		}
	}
}

func TestPortableEnds(t *testing.T) {
	for _, tt := range []struct {
		name      string
		got, want float64
	}{
		{"exp(0)", exp(0), 1},
		{"exp(-1000)", exp(-1000), 0},
		{"exp(1000)", exp(1000), math.Inf(1)},
		{"exp(-745)", exp(-745), math.SmallestNonzeroFloat64},
		{"log(1)", log(1), 0},
		{"expm1Over(0)", expm1Over(0), 1},
		{"log1pOver(0)", log1pOver(0), 1},
		{"sinTurns(0)", sinTurns(0), 0},
		{"sinTurns(1/2)", sinTurns(0.5), 0},
		{"pow(4, -½)", pow(4, -0.5), 0.5},
	} {
		if tt.got != tt.want {
			t.Errorf("%s = %v; want %v", tt.name, tt.got, tt.want)
		}
	}
	if low, high := unit(0), unit(math.MaxUint64); low <= 0 || high >= 1 {
		t.Errorf("unit reaches from %v to %v; want within (0, 1)", low, high)
	}
	for i := range 10_000 {
		x := float64(i)/5000 - 1
		if got, want := sinTurns(x), math.Sin(2*math.Pi*x); math.Abs(got-want) > 1e-15 {
			t.Errorf("sinTurns(%v) = %v; want %v", x, got, want)
		}
	}
}

// TestGoldenFloats pins the functions down to the bit, on every architecture.
func TestGoldenFloats(t *testing.T) {
	for _, tt := range []struct {
		name string
		f    func(u uint64) float64
		want uint64
	}{
		{"exp", func(u uint64) float64 { return exp(madd(1400, unit(u), -700)) }, 0x78bb2ff5293d6827},
		{"log", func(u uint64) float64 { return log(math.Float64frombits(u >> 2)) }, 0x97ef7e24bb46e89a},
		{"expm1Over", func(u uint64) float64 { return expm1Over(2*unit(u) - 1) }, 0x870295a5eae97ab0},
		{"log1pOver", func(u uint64) float64 { return log1pOver(2*unit(u) - 1) }, 0xe45631f8de978025},
		{"sinTurns", func(u uint64) float64 { return sinTurns(unit(u)) }, 0x83c7fad6c49de24f},
		{"normal", func(u uint64) float64 { return normal(u, fold(u, digest5)) }, 0x7150bab7abc2e5b2},
		{"rejection", func(u uint64) float64 { return newRejection(4*unit(u), 1e9).last }, 0xe7c85b28e0757eab},
	} {
		h := uint64(digest0)
		for k := range uint64(50_000) {
			h = fold(h^math.Float64bits(tt.f(stream0().Uint64(k))), digest1)
		}
		if h != tt.want {
			t.Errorf("%s: %#016x; want %#016x", tt.name, h, tt.want)
		}
	}
}
