package redislua

import (
	"errors"
	"fmt"
	"time"

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
)

// exact is a limit in the units of the scripts: rate tokens per period µs.
type exact struct {
	limit        limiters.Limit // in lowest terms, per ns
	rate, period int64
}

// newExact expresses the limit per µs. A period that is not a whole number of µs
// is multiplied, with its rate, until it is.
func newExact(config limiters.Config) (exact, error) {
	limit, err := config.Limit()
	if err != nil {
		return exact{}, err
	}
	shared := gcd(int64(limit.Period), int64(time.Microsecond))
	scale, period := int64(time.Microsecond)/shared, int64(limit.Period)/shared
	var problems []error
	if most := maxRate / scale; limit.Rate > most {
		problems = append(problems, fmt.Errorf("rate is %d/%v in lowest terms; want at most %d in that time, for a script to be exact",
			limit.Rate, limit.Period, most))
	}
	if most := maxUnits / period; limit.Burst > most {
		problems = append(problems, fmt.Errorf("burst is %d; want at most %d at a rate of %d/%v, for a script to be exact",
			limit.Burst, most, limit.Rate, limit.Period))
	}
	return exact{limit: limit, rate: limit.Rate * scale, period: period}, errors.Join(problems...)
}

func gcd(a, b int64) int64 {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}
