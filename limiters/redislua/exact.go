package redislua

import (
	"errors"
	"fmt"
	"time"

	"github.com/fcbench/fcbench/internal/whole"
	"github.com/fcbench/fcbench/limiters"
)

// The bounds within which every number in a script is an integer below 2^53, so
// that doubles hold it exactly and a quotient of two rounds down or up rightly.
const (
	// maxUnits bounds a bucket's capacity, burst × period. Filling it takes at
	// most as many µs, 71 years: added to an instant of this century, or to the
	// latest injected one, that is still below 2^53 µs.
	maxUnits = 1 << 51
	// maxRate bounds the rate per period, which a TTL multiplies by 1000.
	maxRate = 1 << 43
	// maxNow is the latest instant that may be injected, 142 years.
	maxNow = (1 << 52) * time.Microsecond
	// maxWindow is the longest window, 35 years: two of them after the latest
	// instant are still below 2^53 µs.
	maxWindow = (1 << 50) * time.Microsecond
)

// exact is a limit in the units of the scripts: rate tokens per period µs.
type exact struct {
	limit        limiters.Limit // as it was written
	rate, period int64
}

// newExact expresses the limit per µs. A period that is not a whole number of µs
// is multiplied, with its rate, until it is.
func newExact(config limiters.Config) (exact, error) {
	limit, err := config.Limit()
	if err != nil {
		return exact{}, err
	}
	least := limit.Reduced()
	shared := whole.GCD(int64(least.Period), int64(time.Microsecond))
	scale, period := int64(time.Microsecond)/shared, int64(least.Period)/shared
	var problems []error
	if most := maxRate / scale; least.Rate > most {
		problems = append(problems, fmt.Errorf("rate is %d/%v in lowest terms; want at most %d in that time, for a script to be exact",
			least.Rate, least.Period, most))
	}
	if most := maxUnits / period; limit.Burst > most {
		problems = append(problems, fmt.Errorf("burst is %d; want at most %d at a rate of %d/%v, for a script to be exact",
			limit.Burst, most, least.Rate, least.Period))
	}
	return exact{limit: limit, rate: least.Rate * scale, period: period}, errors.Join(problems...)
}

// numbers returns the limit as scripts take it.
func (e exact) numbers() []int64 { return []int64{e.rate, e.period, e.limit.Burst} }

// shaped is the most that leaves a queue in a window of length w. What leaves
// last may be a whole burst. What left before it took its time, at the rate, from
// when the first of it was due, less than a µs before it left: in units of
// 1/period of a token, that is less than what leaks in w and one µs. A bucket for
// one token is asked for the next only when it is empty, in a whole µs.
func (e exact) shaped(w time.Duration) int64 {
	micros := uint64(w.Microseconds())
	if e.limit.Burst == 1 {
		return 1 + int64(micros/uint64((e.period+e.rate-1)/e.rate))
	}
	return e.burstAnd(whole.Product(micros+1, uint64(e.rate)).Minus(whole.Uint128{Lo: 1}).Quo(e.period))
}

// bound is the most that a bucket grants in a window of length w: the burst, and
// what flows in meanwhile.
func (e exact) bound(w time.Duration) int64 {
	return e.burstAnd(whole.MulDiv(int64(w), e.limit.Rate, int64(e.limit.Period)))
}

// burstAnd returns the burst and flow, or the largest int64 where that is smaller.
func (e exact) burstAnd(flow int64) int64 {
	return min(flow, int64(limiters.Never)-e.limit.Burst) + e.limit.Burst
}
