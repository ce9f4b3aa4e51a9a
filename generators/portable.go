package generators

import "math"

// The functions of this file give the same bits on every machine. The standard
// library's have assembly for some architectures, and Go may fuse x*y + z into
// one rounding unless the product is converted explicitly; so a product that is
// returned is converted too, since calls may be inlined. All results are within
// a few units in the last place of the true value.

const (
	ln2High = 6.93147180369123816490e-01 // ln 2 in two parts: the high one has
	ln2Low  = 1.90821492927058770002e-10 // trailing zeros, so that k·ln2High is exact
	twoPi   = 6.28318530717958647692
)

// madd returns x·y + z, rounded twice.
func madd(x, y, z float64) float64 { return float64(x*y) + z }

// exp returns e^x.
func exp(x float64) float64 {
	if x < -746 {
		return 0
	}
	if x > 710 {
		return math.Inf(1)
	}
	k := math.Floor(madd(x, math.Log2E, 0.5))
	r := x - float64(k*ln2High) - float64(k*ln2Low)
	return math.Ldexp(madd(r, expm1Series(r), 1), int(k))
}

// expm1Over returns (e^x - 1)/x, which is 1 at 0.
func expm1Over(x float64) float64 {
	if -0.35 < x && x < 0.35 {
		return expm1Series(x)
	}
	return (exp(x) - 1) / x
}

// expm1Series is the Taylor series of (e^x - 1)/x, for |x| ≤ 0.35, summed in
// two interleaved halves to shorten the chain of dependent operations.
func expm1Series(x float64) float64 {
	z := float64(x * x)
	even := madd(z, 1.0/6227020800, 1.0/39916800)
	odd := madd(z, 1.0/87178291200, 1.0/479001600)
	even = madd(z, even, 1.0/362880)
	odd = madd(z, odd, 1.0/3628800)
	even = madd(z, even, 1.0/5040)
	odd = madd(z, odd, 1.0/40320)
	even = madd(z, even, 1.0/120)
	odd = madd(z, odd, 1.0/720)
	even = madd(z, even, 1.0/6)
	odd = madd(z, odd, 1.0/24)
	even = madd(z, even, 1)
	odd = madd(z, odd, 1.0/2)
	return madd(x, odd, even)
}

// log returns the natural logarithm of a positive number.
func log(x float64) float64 {
	m, e := math.Frexp(x)
	if m < math.Sqrt2/2 {
		m *= 2
		e--
	}
	k, f := float64(e), m-1
	return float64(k*ln2High) + (float64(f*log1pSeries(f)) + float64(k*ln2Low))
}

// log1pOver returns log(1+x)/x for x > -1; it is 1 at 0.
func log1pOver(x float64) float64 {
	if -0.29 < x && x < 0.41 {
		return log1pSeries(x)
	}
	return log(1+x) / x
}

// log1pSeries is log(1+x)/x for x from √½ - 1 to √2 - 1, by the series of the
// inverse hyperbolic tangent of s = x/(2+x).
func log1pSeries(x float64) float64 {
	d := 2 + x
	s := x / d
	w := float64(s * s)
	z := float64(w * w)
	even := madd(z, 1.0/21, 1.0/17)
	odd := madd(z, 1.0/19, 1.0/15)
	even = madd(z, even, 1.0/13)
	odd = madd(z, odd, 1.0/11)
	even = madd(z, even, 1.0/9)
	odd = madd(z, odd, 1.0/7)
	even = madd(z, even, 1.0/5)
	odd = madd(z, odd, 1.0/3)
	even = madd(z, even, 1)
	return float64(2 / d * madd(w, odd, even))
}

// pow returns x^y for x > 0.
func pow(x, y float64) float64 { return exp(float64(y * log(x))) }

// sinTurns returns the sine of x full turns, by its Taylor series.
func sinTurns(x float64) float64 {
	x -= math.Floor(x + 0.5)
	switch {
	case x > 0.25:
		x = 0.5 - x
	case x < -0.25:
		x = -0.5 - x
	}
	a := float64(x * twoPi)
	z := float64(a * a)
	sum := 1.0
	for n := 22.0; n > 0; n -= 2 {
		sum = 1 - float64(z/(n*(n+1))*sum)
	}
	return float64(a * sum)
}

// unit maps a random 64-bit number to (0, 1), evenly and never to its ends.
func unit(u uint64) float64 { return float64((float64(u>>12) + 0.5) * 0x1p-52) }
