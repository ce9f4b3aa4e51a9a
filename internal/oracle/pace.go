package oracle

import (
	"math/big"
	"time"

	"github.com/fcbench/fcbench/internal/loglinear"
)

// Starvation is the longest time that a key kept being denied although
// something was due to it: from its first denial after an admission to the next
// admission, or to the last denial when none came.
type Starvation struct {
	Key        string
	Start, End time.Duration
	Intervals  float64 // its length in emission intervals, the mean time that one token takes
}

// pace follows how evenly a key is served. A decision acts at at; a shaper may
// have made it wait until then. due is what a bucket that runs free says.
func (j *Judge) pace(k *ledger, allowed, waited bool, at time.Duration, due bool) {
	if !allowed {
		if k.since == none {
			k.since = at
		}
		if due {
			j.need(k).wronged = true
		}
		j.starve(k, at)
		return
	}
	if k.served != none && (k.since != none || waited) {
		j.jitter.add(at - k.served)
	}
	j.starve(k, at)
	k.since = none
	if a := j.more(k); a != nil {
		a.wronged = false
	}
}

func (j *Judge) starve(k *ledger, until time.Duration) {
	a := j.more(k)
	if a != nil && a.wronged && until-k.since > j.starved.End-j.starved.Start {
		j.starved = Starvation{Key: k.key, Start: k.since, End: until}
	}
}

// Jitter says how evenly admissions follow each other in saturation, that is
// where a denial came between or a shaper made wait. 0 without any.
type Jitter struct {
	Gaps int64   // between an admission and the next one of its key
	CV   float64 // their standard deviation over their mean: 0 when all are equal
	P99  float64 // of 100 gaps, 99 are as short as this or shorter: in emission intervals, at most 1/32 too long
}

// jitter adds gaps up exactly, and counts them by length: exact below 64 ns,
// then in 32 steps to a doubling.
type jitter struct {
	gaps         int64
	sum, squares wide
	lengths      *loglinear.Histogram
}

func (d *jitter) add(gap time.Duration) {
	gap = max(gap, 0)
	d.gaps++
	d.sum = d.sum.Plus(wide{Lo: uint64(gap)})
	d.squares = d.squares.Plus(product(int64(gap), int64(gap)))
	if d.lengths == nil {
		d.lengths = loglinear.New(5)
	}
	d.lengths.Add(int64(gap))
}

func (d *jitter) report(s *scale) Jitter {
	if d.gaps == 0 {
		return Jitter{}
	}
	return Jitter{Gaps: d.gaps, CV: d.variation(), P99: s.intervals(time.Duration(d.lengths.At(loglinear.Quantile{Num: 99, Den: 100})))}
}

// variation is √(n·Σx² − (Σx)²) / Σx, exact until the root.
func (d *jitter) variation() float64 {
	total, _ := new(big.Float).SetInt(d.sum.Big()).Float64()
	spread := new(big.Int).Mul(big.NewInt(d.gaps), d.squares.Big())
	spread.Sub(spread, new(big.Int).Mul(d.sum.Big(), d.sum.Big()))
	if spread.Sign() <= 0 {
		return 0
	}
	root, _ := new(big.Float).Sqrt(new(big.Float).SetInt(spread)).Float64()
	return root / total
}
