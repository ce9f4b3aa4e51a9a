package results

import (
	"math"
	"time"
)

// Options is what a [Shard] must know of the run. All shards of a run share one.
type Options struct {
	// Warmup and Window bound what is measured: arrivals due in
	// [Warmup, Warmup+Window). A Window of 0 is one whose end is not known.
	Warmup, Window time.Duration
	// Classes names the streams, by [Sample.Class]. Classes are kept apart
	// when there are at least two.
	Classes []string
	// Requests names the kinds of requests of a mix, by [Sample.Kind]. They are kept
	// apart when there are at least two.
	Requests []string
	// Phases says that samples have [Phases].
	Phases bool
	// Keys is how many keys to make room for; more are added as they come.
	Keys int
	// SLO is the longest response time that counts as goodput; 0 means any.
	SLO time.Duration
	// Highest is the longest duration that histograms can hold; 0 means one hour.
	Highest time.Duration
	// KeyGoodput counts the tokens that keys were granted in time, which takes 8 bytes a key.
	KeyGoodput bool
	// Entitled is what a fair limiter would grant a key that offered so many
	// tokens; nil means all of them.
	Entitled func(offered int64) float64
}

const defaultHighest = time.Hour

// highest is Highest in nanoseconds, with its default.
func (o Options) highest() int64 {
	if o.Highest <= 0 {
		return int64(defaultHighest)
	}
	return int64(o.Highest)
}

// end is the instant at which the window closes.
func (o Options) end() time.Duration {
	if o.Window <= 0 {
		return math.MaxInt64
	}
	return o.Warmup + o.Window
}

// slo is the longest response time that counts as goodput.
func (o Options) slo() int64 {
	if o.SLO <= 0 {
		return math.MaxInt64
	}
	return int64(o.SLO)
}
