package generators

import (
	"math/big"
	"math/bits"
	"sort"
	"time"

	"github.com/fcbench/fcbench/internal/seed"
	"github.com/fcbench/fcbench/internal/units"
)

// PoissonConfig describes arrivals that are independent of one another: the
// gaps between them are exponential.
type PoissonConfig struct {
	Rate units.Rate `yaml:"rate"` // mean
}

// NewPoisson returns a Poisson process. Time is cut into ticks; each draws how
// many arrivals it holds, and where: given their number, the arrivals of a
// Poisson process are independent and uniform (Kingman, "Poisson Processes",
// 1993, §2.4). A tick is a pure function of the seed and of its number.
//
// At ten times the rate the ticks of one seed hold the same draws: the arrivals
// are the same, ten times as fast. Whoever compares rates wants a seed for each.
func NewPoisson(c PoissonConfig) (Process, error) {
	if err := checkRate("rate", c.Rate); err != nil {
		return nil, err
	}
	tick, mean := uint64(1), perNanosecond(c.Rate)
	for mean.Cmp(big.NewRat(4, 1)) < 0 && tick < maxTick {
		tick *= 10
		mean.Mul(mean, big.NewRat(10, 1))
	}
	return poisson{tick, poissonTable(mean)}, nil
}

// maxTick is about three years. The rarest of arrivals are fewer than 4 in it.
const maxTick = 1e17

// poisson draws per tick, a power of ten in nanoseconds that holds 4 to 40
// arrivals on average: enough to share the cost of the draw, few enough to
// sort by insertion.
type poisson struct {
	tick  uint64
	table []uint64
}

// poissonTable returns the distribution function: entry n is the probability
// of at most n, in units of 2^-64. It ends where that rounds to 1. Terms are
// weighted outwards from the mode by the ratios of neighbours, mean/n.
func poissonTable(mean *big.Rat) []uint64 {
	const precision = 192
	num, den := mean.Num(), mean.Denom()
	mode := new(big.Int).Quo(num, den).Int64()
	terms := map[int64]*big.Int{mode: new(big.Int).Lsh(big.NewInt(1), precision)}
	total := new(big.Int).Set(terms[mode])
	for n := mode; n > 0; n-- {
		t := new(big.Int).Mul(terms[n], big.NewInt(n))
		terms[n-1] = t.Quo(t.Mul(t, den), num)
		total.Add(total, t)
	}
	last := mode
	for ; terms[last].Sign() > 0; last++ {
		t := new(big.Int).Mul(terms[last], num)
		terms[last+1] = t.Quo(t, new(big.Int).Mul(den, big.NewInt(last+1)))
		total.Add(total, t)
	}
	var table []uint64
	sum := new(big.Int)
	for n := int64(0); n < last; n++ {
		share := new(big.Int).Lsh(sum.Add(sum, terms[n]), 64)
		if share.Quo(share, total); !share.IsUint64() {
			break
		}
		table = append(table, share.Uint64())
	}
	return table
}

// Times returns a cursor over the due times.
func (p poisson) Times(r seed.Stream, horizon time.Duration) Times {
	return &poissonTimes{
		poisson: p, counts: r.Sub("counts"), offsets: r.Sub("offsets"),
		horizon: uint64(max(horizon, 0)), due: make([]uint64, 0, len(p.table)+1),
	}
}

type poissonTimes struct {
	poisson
	counts, offsets seed.Stream
	horizon         uint64
	number          uint64   // of the next tick
	due             []uint64 // arrivals of the last one, in order
	at              int      // the next of them
}

func (t *poissonTimes) Next() (time.Duration, bool) {
	for t.at == len(t.due) {
		if t.number*t.tick >= t.horizon {
			return 0, false
		}
		t.draw()
	}
	due := t.due[t.at]
	if due >= t.horizon {
		return 0, false
	}
	t.at++
	return time.Duration(due), true
}

// draw fills in the arrivals of the next tick.
func (t *poissonTimes) draw() {
	start := t.number * t.tick
	u := t.counts.Uint64(t.number)
	n := sort.Search(len(t.table), func(n int) bool { return u < t.table[n] })
	offsets := t.offsets.Index(t.number)
	t.due, t.at = t.due[:0], 0
	for i := range n {
		offset, _ := bits.Mul64(offsets.Uint64(uint64(i)), t.tick)
		t.insert(start + offset)
	}
	t.number++
}

// insert keeps due in order.
func (t *poissonTimes) insert(due uint64) {
	t.due = append(t.due, due)
	i := len(t.due) - 1
	for ; i > 0 && t.due[i-1] > due; i-- {
		t.due[i] = t.due[i-1]
	}
	t.due[i] = due
}
