package paired

import (
	"errors"
	"fmt"
	"math"

	"github.com/fcbench/fcbench/internal/seed"
)

// Design says when is looked, and what chance of error each look may spend.
type Design struct {
	Looks []Look
	// Family is how many claims the correction counts, where more are gated than
	// are judged here; 0 is those that are.
	Family int
}

// Look is one look at the pairs so far. A false alarm at any of several looks is no more
// likely than the sum of what they spend.
type Look struct {
	Pairs int
	Fail  float64 // chance to call anything worse that is not
	Pass  float64 // chance to pass a claim that is worse by the margin
}

// MostPairs is how many pairs a design may have; the distribution is counted out
// for any number up to it.
const MostPairs = 64

// Default is 8, 14 and 20 pairs, an error of 1 % for alarms and of 5 % for passes.
func Default() Design { return Spend([]int{8, 14, 20}, 0.01, 0.05) }

// Spend divides errors over looks, a third more for the first than for each of the
// others: of 0.01 over three 0.004, 0.003 and 0.003.
func Spend(pairs []int, fail, pass float64) Design {
	var d Design
	parts := float64(3*len(pairs) + 1)
	for i, n := range pairs {
		share := 3 / parts
		if i == 0 {
			share = 4 / parts
		}
		d.Looks = append(d.Looks, Look{n, fail * share, pass * share})
	}
	return d
}

// Fail is the chance that a gate with this design raises a false alarm, at most.
func (d Design) Fail() (all float64) {
	for _, l := range d.Looks {
		all += l.Fail
	}
	return all
}

// Pass is the chance that it passes a claim that is worse by the margin, at most.
func (d Design) Pass() (all float64) {
	for _, l := range d.Looks {
		all += l.Pass
	}
	return all
}

// Pairs is how many pairs are made at most.
func (d Design) Pairs() int {
	if len(d.Looks) == 0 {
		return 0
	}
	return d.Looks[len(d.Looks)-1].Pairs
}

// ErrUnreachable says that a gate could never go red, whatever it saw.
var ErrUnreachable = errors.New("no look can find a regression")

// Check says everything that is wrong with a design for so many gated claims, among it
// that it is [ErrUnreachable].
func (d Design) Check(claims int) error {
	var errs []error
	if len(d.Looks) == 0 {
		errs = append(errs, errors.New("design has 0 looks; want at least one"))
	}
	before := 0
	for i, l := range d.Looks {
		if l.Pairs <= before || l.Pairs > MostPairs {
			errs = append(errs, fmt.Errorf("pairs of look %d is %d; want more than %d and at most %d", i+1, l.Pairs, before, MostPairs))
		}
		for _, part := range []struct {
			name string
			is   float64
		}{{"fail", l.Fail}, {"pass", l.Pass}} {
			if !(part.is > 0 && part.is < 1) {
				errs = append(errs, fmt.Errorf("%s error of look %d is %v; want above 0 and below 1", part.name, i+1, part.is))
			}
		}
		before = l.Pairs
	}
	if len(errs) == 0 && !d.reachable(claims) {
		last := d.Looks[len(d.Looks)-1]
		errs = append(errs, fmt.Errorf("%w: pairs is %d, of which the least p-value is %.2g, and %d claims need %.2g; want at least %d pairs",
			ErrUnreachable, last.Pairs, math.Ldexp(1, -last.Pairs), d.family(claims), last.Fail/float64(d.family(claims)), enough(last.Fail, d.family(claims))))
	}
	return errors.Join(errs...)
}

// family is how many claims the correction counts.
func (d Design) family(claims int) int { return max(d.Family, claims, 1) }

// reachable reports whether the least p-value that any look can have is small enough.
func (d Design) reachable(claims int) bool {
	for _, l := range d.Looks {
		if l.reaches(d.family(claims)) {
			return true
		}
	}
	return false
}

// reaches reports whether a look can call one of so many claims worse.
func (l Look) reaches(family int) bool { return math.Ldexp(1, -l.Pairs) <= l.Fail/float64(family) }

// enough is the number of pairs from which on an alarm is possible.
func enough(fail float64, family int) int {
	return int(math.Ceil(math.Log2(float64(family) / fail)))
}

// Orders draws who goes first in each pair: at each look half of the pairs have A
// first and half B, or all but one where their number is odd. It depends on the
// seed alone.
func (d Design) Orders(root uint64) []Order {
	return d.AppendOrders(make([]Order, 0, d.Pairs()), root)
}

// AppendOrders appends them to orders.
func (d Design) AppendOrders(orders []Order, root uint64) []Order {
	before := len(orders)
	draws := coins{stream: seed.New(root).Sub("order of pairs")}
	behind := 0 // how many more had A first
	for _, l := range d.Looks {
		first := len(orders)
		for len(orders)-before < l.Pairs {
			o := Order(behind > 0)
			if behind == 0 && len(orders)-before == l.Pairs-1 { // the odd one
				o = Order(draws.below(2) == 1)
			}
			if behind++; o == BA {
				behind -= 2
			}
			orders = append(orders, o)
		}
		part := orders[first:]
		for i := len(part) - 1; i > 0; i-- {
			j := draws.below(i + 1)
			part[i], part[j] = part[j], part[i]
		}
	}
	return orders
}

// coins draws small numbers one after the other.
type coins struct {
	stream seed.Stream
	drawn  uint64
}

func (c *coins) below(n int) int { // of a handful the bias is 2^-58
	c.drawn++
	return int(c.stream.Uint64(c.drawn-1) % uint64(n))
}
