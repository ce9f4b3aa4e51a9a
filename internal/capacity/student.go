package capacity

import "math"

// student is the quantile of Student's t: the q for which P(T <= q) = p, p > 1/2.
func student(p float64, freedom int) float64 {
	low, high := 0.0, 2.0
	for studentCDF(high, freedom) < p {
		high *= 2
	}
	for range 80 {
		if mid := (low + high) / 2; studentCDF(mid, freedom) < p {
			low = mid
		} else {
			high = mid
		}
	}
	return (low + high) / 2
}

// studentCDF is P(T <= t) for t >= 0.
func studentCDF(t float64, freedom int) float64 {
	v := float64(freedom)
	return 1 - beta(v/2, 0.5, v/(v+t*t))/2
}

// beta is the regularised incomplete beta function, by Lentz's continued fraction
// (Press et al., "Numerical Recipes", 6.4).
func beta(a, b, x float64) float64 {
	if x <= 0 {
		return 0
	}
	if x >= 1 {
		return 1
	}
	if x > (a+1)/(a+b+2) {
		return 1 - beta(b, a, 1-x)
	}
	const tiny = 1e-300
	front := math.Exp(lgamma(a+b)-lgamma(a)-lgamma(b)+a*math.Log(x)+b*math.Log1p(-x)) / a
	f, c, d := 1.0, 1.0, 0.0
	for i := range 300 {
		m := float64(i / 2)
		term := 1.0
		switch {
		case i > 0 && i%2 == 0:
			term = m * (b - m) * x / ((a + 2*m - 1) * (a + 2*m))
		case i > 0:
			term = -(a + m) * (a + b + m) * x / ((a + 2*m) * (a + 2*m + 1))
		}
		d = 1 + term*d
		if math.Abs(d) < tiny {
			d = tiny
		}
		d = 1 / d
		c = 1 + term/c
		if math.Abs(c) < tiny {
			c = tiny
		}
		f *= c * d
		if math.Abs(1-c*d) < 1e-14 {
			break
		}
	}
	return front * (f - 1)
}

func lgamma(x float64) float64 {
	v, _ := math.Lgamma(x)
	return v
}
