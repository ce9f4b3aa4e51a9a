package oracle

import (
	"fmt"
	"math"
	"strings"
	"time"
)

// A model is one algorithm's exact state for one key.
type model interface {
	// advance moves time on to at, never before an earlier at. It may be before
	// what was taken last, and does nothing then but forget.
	advance(at time.Duration)
	// admits says whether the algorithm, after all that was taken, grants n now.
	// While nothing is taken it never turns from yes to no.
	admits(n int64) bool
	// admitsAt says whether it grants n at at, an instant not before the last
	// advance, after all that was taken, be it later than at. Windows that
	// begin at multiples of the period must contain no later one.
	admitsAt(at time.Duration, n int64) bool
	// take charges n tokens that were really granted at at, not before anything
	// else was, whether admits agrees or not. Where tokens are given back that
	// happens at until.
	take(at time.Duration, n int64, until time.Duration)
	// gone says that nothing that was taken can matter from at on.
	gone(at time.Duration) bool
	// room is the most that admits would grant now, below 1 when it is nothing
	// and below 0 when more was taken than the algorithm allows. For messages.
	room() int64
}

// rule is how a judge comes by the models of one algorithm.
type rule struct {
	oracle string // the model's name
	family family
	model  func(Limit) (fresh func() model)
	// Where a window algorithm's windows begin is not known over intervals. It
	// admits at most bursts times its limit, and once more for every whole period,
	// and nothing but what it admitted in the last trail periods can make it deny.
	bursts, trail int64
}

// family is what sets algorithms apart for the judge.
type family uint8

const (
	buckets        family = iota
	queues                // a bucket that says when to leave
	windows               // allows Rate per Period and knows no Burst
	alignedWindows        // the same, in windows that begin at multiples of the period
	holders               // limits what is held, and knows no rate
	bounds                // nothing known but an upper bound
)

// windowed says whether the algorithm knows no Burst.
func (r rule) windowed() bool { return r.family == windows || r.family == alignedWindows }

// algorithms lists the names of the exact models that there are.
func algorithms() []string {
	return []string{
		"token-bucket", "leaky-bucket-meter", "gcra", "leaky-bucket-queue",
		"fixed-window", "sliding-window-log", "sliding-window-counter", "concurrency",
	}
}

func ruleOf(algorithm string) (rule, error) {
	switch algorithm {
	case "token-bucket", "leaky-bucket-meter", "gcra":
		// Credit that rises, a level that drains and an arrival time that is
		// awaited are three views of one quantity.
		return rule{oracle: "token-bucket", model: bucketModel}, nil
	case "leaky-bucket-queue":
		return rule{oracle: algorithm, family: queues, model: queueModel}, nil
	case "fixed-window":
		return rule{oracle: algorithm, family: alignedWindows, model: windowModel, bursts: 2, trail: 1}, nil
	case "sliding-window-log":
		return rule{oracle: algorithm, family: windows, model: logModel, bursts: 1, trail: 1}, nil
	case "sliding-window-counter":
		return rule{oracle: algorithm, family: alignedWindows, model: counterModel, bursts: 2, trail: 2}, nil
	case "concurrency":
		return rule{oracle: algorithm, family: holders, model: concurrencyModel}, nil
	}
	return rule{}, fmt.Errorf("algorithm is %q; want one of %s", algorithm, strings.Join(algorithms(), ", "))
}

// most is the most that a window algorithm admits in any window of length w.
func (r rule) most(l Limit) func(w time.Duration) int64 {
	return func(w time.Duration) int64 {
		return product(l.Rate, sum(int64(w/l.Period), r.bursts)).Quo(1)
	}
}

// trailing is the model that tells how much a window algorithm may hold against
// a request when nobody knows where its windows begin: all of the last trail periods.
func (r rule) trailing(l Limit) func() model {
	period := int64(l.Period)
	for range r.trail - 1 {
		period = sum(period, int64(l.Period))
	}
	return logModel(Limit{Rate: l.Rate, Period: time.Duration(period)})
}

// never is an instant that does not come.
const never = time.Duration(math.MaxInt64)

// roomBetween is how many tokens of weight fit between level and capacity,
// rounded down: below 0 when the level is the higher one.
func roomBetween(level, capacity wide, weight int64) int64 {
	if !level.Over(capacity) {
		return capacity.Minus(level).Quo(weight)
	}
	debt := level.Minus(capacity)
	return -debt.Plus(wide{Lo: uint64(weight - 1)}).Quo(weight)
}
