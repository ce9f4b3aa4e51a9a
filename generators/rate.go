package generators

import (
	"errors"
	"fmt"
	"math/big"

	"github.com/fcbench/fcbench/internal/units"
)

// wantRate is the range of rates: one arrival a nanosecond is the most that
// due times can tell apart.
const wantRate = "more than 0 and at most 1G/s"

// perNanosecond returns a rate as an exact number of arrivals per nanosecond.
func perNanosecond(r units.Rate) *big.Rat { return big.NewRat(r.Count, int64(r.Per)) }

// checkRate returns what is wrong with a rate that has to be given and positive.
func checkRate(what string, r units.Rate) error {
	switch {
	case r.IsZero():
		return fmt.Errorf("%s is not given; want %s", what, wantRate)
	case r.Unlimited || r.Per <= 0 || r.Count <= 0 || r.Count > int64(r.Per):
		return fmt.Errorf("%s is %v; want %s", what, r, wantRate)
	}
	return nil
}

// checkLevel returns what is wrong with a rate that may be 0 or left out.
func checkLevel(what string, r units.Rate) error {
	if r.IsZero() || r.Count == 0 && r.Per > 0 && !r.Unlimited {
		return nil
	}
	return checkRate(what, r)
}

// A named rate is a rate with its name in messages.
type named struct {
	name string
	rate units.Rate
}

// levels resolves a shape that alternates between two rates and is at the
// high one for a known share of the time: of its mean and its two levels, any
// that were not given follow from the others. Where that leaves a choice, low
// is ratio × high. Levels that contradict the mean are an error.
func levels(mean, low, high named, share, ratio *big.Rat) (lo, hi *big.Rat, err error) {
	if err := errors.Join(checkLevel(mean.name, mean.rate), checkLevel(low.name, low.rate), checkLevel(high.name, high.rate)); err != nil {
		return nil, nil, err
	}
	if mean.rate.IsZero() {
		return levelsAlone(mean, low, high, ratio)
	}
	if err := checkRate(mean.name, mean.rate); err != nil {
		return nil, nil, err
	}
	return levelsOfMean(mean, low, high, share, ratio)
}

func levelsAlone(mean, low, high named, ratio *big.Rat) (lo, hi *big.Rat, err error) {
	switch {
	case !high.rate.IsZero():
		hi = perNanosecond(high.rate)
		lo = new(big.Rat).Mul(hi, ratio)
		if !low.rate.IsZero() {
			lo = perNanosecond(low.rate)
		}
	case !low.rate.IsZero() && ratio.Sign() > 0:
		lo = perNanosecond(low.rate)
		hi = new(big.Rat).Quo(lo, ratio)
	default:
		return nil, nil, fmt.Errorf("%s is not given; want it, or %s and %s", mean.name, low.name, high.name)
	}
	if lo.Sign() == 0 && hi.Sign() == 0 {
		return nil, nil, fmt.Errorf("%s and %s are 0/s; want arrivals", low.name, high.name)
	}
	return lo, hi, checkDerived(high.name, hi)
}

func levelsOfMean(mean, low, high named, share, ratio *big.Rat) (lo, hi *big.Rat, err error) {
	m, rest := perNanosecond(mean.rate), new(big.Rat).Sub(big.NewRat(1, 1), share)
	switch {
	case low.rate.IsZero() && high.rate.IsZero():
		weight := new(big.Rat).Mul(ratio, rest)
		hi = new(big.Rat).Quo(m, weight.Add(weight, share))
		lo = new(big.Rat).Mul(hi, ratio)
	case high.rate.IsZero():
		lo = perNanosecond(low.rate)
		hi = other(m, lo, rest, share)
	default:
		hi = perNanosecond(high.rate)
		lo = other(m, hi, share, rest)
	}
	if !low.rate.IsZero() && lo.Cmp(perNanosecond(low.rate)) != 0 || lo.Sign() < 0 || hi.Sign() < 0 {
		return nil, nil, contradiction(mean, low, high)
	}
	return lo, hi, errors.Join(checkDerived(low.name, lo), checkDerived(high.name, hi))
}

// other returns the level that, over its share of the time, gives the mean
// together with the known level over its own.
func other(mean, known, knownShare, share *big.Rat) *big.Rat {
	x := new(big.Rat).Mul(known, knownShare)
	return x.Quo(x.Sub(mean, x), share)
}

func contradiction(mean, low, high named) error {
	shape := fmt.Sprintf("%s %v", high.name, high.rate)
	if high.rate.IsZero() {
		shape = fmt.Sprintf("%s %v", low.name, low.rate)
	} else if !low.rate.IsZero() {
		shape = fmt.Sprintf("%s %v and %s", low.name, low.rate, shape)
	}
	return fmt.Errorf("%s is %v, which %s cannot have as a mean; want one of them left out", mean.name, mean.rate, shape)
}

// checkDerived returns what is wrong with a level that followed from others.
func checkDerived(what string, rate *big.Rat) error {
	if rate.Cmp(big.NewRat(1, 1)) <= 0 {
		return nil
	}
	perSecond, _ := new(big.Rat).Mul(rate, big.NewRat(1e9, 1)).Float64()
	return fmt.Errorf("%s has to be %g/s; want at most 1G/s", what, perSecond)
}

// commonPeriod returns the shortest period in which every rate is a whole
// number of arrivals, and those numbers.
func commonPeriod(rates ...*big.Rat) (period uint64, counts []uint64, err error) {
	lcm := big.NewInt(1)
	for _, r := range rates {
		g := new(big.Int).GCD(nil, nil, lcm, r.Denom())
		lcm.Mul(lcm, g.Quo(r.Denom(), g))
		if lcm.BitLen() > 62 {
			return 0, nil, errors.New("common period of the rates is over 146 years; want rates with fewer digits")
		}
	}
	for _, r := range rates {
		n := new(big.Int).Quo(lcm, r.Denom())
		counts = append(counts, n.Mul(n, r.Num()).Uint64())
	}
	return lcm.Uint64(), counts, nil
}
