package trials

import (
	"math"
	"strconv"

	"github.com/fcbench/fcbench/internal/scenario"
	"github.com/fcbench/fcbench/internal/strictyaml"
)

// bounds are the values that a scenario takes.
type bounds struct {
	highest float64 // 0 where there is none that is known
	beyond  error   // what the scenario says of more
}

// The values that a scenario is asked about: what takes more than two million may take any
// number, and what takes less than a thousandth alone is not searched.
const (
	leastAsked = 0x1p-10
	mostAsked  = 0x1p21
)

// settle finds whether only whole values make sense, and the highest that the scenario takes, such
// as 1 for a share. It asks the scenario itself, which knows what all of its values may be. Rates
// have no such bound.
func (o *over) settle(doc *strictyaml.Node) bounds {
	if o.rate {
		return bounds{}
	}
	takes := func(v float64) error {
		changed, err := o.on(doc, v)
		if err == nil {
			_, err = scenario.New(changed, false)
		}
		return err
	}
	o.whole = takes(0.5) != nil && takes(1.5) != nil
	least := leastAsked
	if o.whole {
		least = 1
	}
	low := 0.0
	for v := least; v <= mostAsked; v *= 2 {
		switch err := takes(v); {
		case err == nil:
			low = v
		case low > 0:
			return o.between(low, v, err, takes)
		}
	}
	return bounds{}
}

// sharp is how near the highest value is found where there are others than whole ones.
const sharp = 1e-4

// between finds the highest value that is taken, of which low is one and high is none.
func (o *over) between(low, high float64, beyond error, takes func(float64) error) bounds {
	near := func() bool {
		if o.whole {
			return high-low <= 1
		}
		return high-low <= sharp*low
	}
	for !near() {
		mid := (low + high) / 2
		if o.whole {
			mid = math.Floor(mid)
		}
		if err := takes(mid); err != nil {
			high, beyond = mid, err
		} else {
			low = mid
		}
	}
	if short, _ := strconv.ParseFloat(strconv.FormatFloat(high, 'g', 3, 64), 64); short > low && takes(short) == nil {
		low = short
	}
	return bounds{low, beyond}
}
