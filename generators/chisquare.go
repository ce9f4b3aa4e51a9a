package generators

import "math"

// chiSquareP returns the probability that a chi-square variable with that many
// degrees of freedom is at least x: the regularised upper incomplete gamma
// function Q(degrees/2, x/2), by its series or its continued fraction (Abramowitz
// and Stegun, "Handbook of Mathematical Functions", 1964, 6.5.29 and 6.5.31).
func chiSquareP(x float64, degrees int) float64 {
	a := float64(degrees) / 2
	x /= 2
	if x <= 0 {
		return 1
	}
	logGamma, _ := math.Lgamma(a)
	scale := math.Exp(a*math.Log(x) - x - logGamma)
	if x < a+1 {
		return max(1-scale*gammaSeries(a, x), 0)
	}
	return scale * gammaFraction(a, x)
}

func gammaSeries(a, x float64) float64 {
	term := 1 / a
	sum := term
	for n := a + 1; term > sum*0x1p-53; n++ {
		term *= x / n
		sum += term
	}
	return sum
}

// gammaFraction evaluates the continued fraction from the front (Lentz).
func gammaFraction(a, x float64) float64 {
	b := x + 1 - a
	c, d := math.Inf(1), 1/b
	f := d
	for i := 1.0; ; i++ {
		numerator := i * (a - i)
		b += 2
		d = 1 / (numerator*d + b)
		c = b + numerator/c
		f *= c * d
		if math.Abs(c*d-1) < 0x1p-52 {
			return f
		}
	}
}
