package results

import (
	"math"
	"strings"
	"time"
)

// League is what a league says of one run of a pipeline.
type League struct {
	Strategy  string   `json:"strategy"`
	Scenario  string   `json:"scenario"`
	Retention *float64 `json:"retention,omitempty"`
	// OverloadEndNS is when the last overload was over, from the start of the window:
	// nil where there was none, or where less than 5 s came before all overload or
	// after it, so that there is no recovery to tell.
	OverloadEndNS *int64 `json:"overload_end_ns,omitempty"`
	// RecoveryNS is how much later the pipeline had recovered; nil where it never did.
	RecoveryNS *int64 `json:"recovery_ns,omitempty"`
	// UndisturbedP99NS is the 99th percentile of response times that the recovery was held
	// against, and Undisturbed what it is of; neither is there where there is none to tell.
	Undisturbed      string `json:"undisturbed,omitempty"`
	UndisturbedP99NS *int64 `json:"undisturbed_p99_ns,omitempty"`
	// Oscillation is the coefficient of variation of the goodput over windows of 250 ms,
	// or as many intervals as make that, in the second half of the overload; nil where
	// there is none or no goodput. ReversalsPerMin is how often it turned there, by a
	// quarter of its mean at least.
	Oscillation     *float64 `json:"oscillation,omitempty"`
	ReversalsPerMin *float64 `json:"reversals_per_min,omitempty"`
	// Fairness is Jain's index of the goodput of those keys that were offered: 1 when
	// all had as much, 1/n when one had all. Nil where keys were not tracked.
	Fairness *float64 `json:"fairness,omitempty"`
}

// What the recovery is held against.
const (
	UndisturbedRun  = "run"    // another of the same seed, without the overload
	UndisturbedPart = "before" // the part of the same run that came before all overload
)

// FillLeague gives a run, which has its pipeline and its intervals, what a league
// says of it. capacity is how many arrivals it could serve a second between two
// instants of the measured window. undisturbed is asked for the 99th percentile of
// response times of the same seed without the overload, where there is a recovery to
// tell; it returns 0 where nobody knows, and may be nil.
func (m *Measured) FillLeague(run *Run, capacity func(from, to time.Duration) float64, undisturbed func() time.Duration) {
	l := &League{Strategy: run.Trial, Scenario: run.Scenario[strings.LastIndex(run.Scenario, "/")+1:], Retention: run.Pipeline.Retention}
	run.League = l
	from, to := run.overload(capacity)
	if run.timed() {
		m.fillRecovery(run, from, to, undisturbed)
		m.fillOscillation(l, from+(to-from)/2, to)
	}
	if fairness, ok := m.tally.keys.fairness(); ok {
		l.Fairness = &fairness
	}
}

// steadiness is how long the windows are in which goodput is compared.
const steadiness = 250 * time.Millisecond

// fillOscillation looks at the whole windows between two instants.
func (m *Measured) fillOscillation(l *League, from, to time.Duration) {
	s := &m.tally.series
	n := int((steadiness + s.width - 1) / s.width)
	var counts []uint64
	for i := int((from + s.width - 1) / s.width); i+n <= min(int(to/s.width), s.used); i += n {
		answered, _ := s.pool(i, i+n)
		counts = append(counts, answered.within(m.tally.options.SLO))
	}
	if mean, cv := variation(counts); mean > 0 {
		l.Oscillation = &cv
		took := (time.Duration(len(counts)*n) * s.width).Minutes()
		perMin := float64(reversals(counts, mean/4)) / took
		l.ReversalsPerMin = &perMin
	}
}

// variation is the mean of counts and their coefficient of variation.
func variation(counts []uint64) (mean, cv float64) {
	if len(counts) == 0 {
		return 0, 0
	}
	for _, n := range counts {
		mean += float64(n)
	}
	mean /= float64(len(counts))
	var squares float64
	for _, n := range counts {
		d := float64(n) - mean
		squares += float64(d * d)
	}
	return mean, math.Sqrt(squares/float64(len(counts))) / mean
}

// reversals counts how often a series turned, where what is less than least is none.
func reversals(counts []uint64, least float64) (n int) {
	low, high, direction := float64(counts[0]), float64(counts[0]), 0
	for _, count := range counts {
		v := float64(count)
		low, high = min(low, v), max(high, v)
		switch {
		case direction >= 0 && high-v >= least:
			n, direction, low = n+direction, -1, v
		case direction <= 0 && v-low >= least:
			n, direction, high = n-direction, 1, v
		}
	}
	return n
}

// league are the metrics of what a league says.
func league() []entry {
	field := func(name, unit string, better Direction, doc string, get func(*League) *float64) entry {
		path := "league." + name
		return entry{Metric: Metric{path, unit, better, doc}, pattern: path, get: func(r *Run) (float64, bool) {
			if r.League == nil || get(r.League) == nil {
				return 0, false
			}
			return *get(r.League), true
		}}
	}
	return []entry{
		field("recovery", UnitNS, Lower, "how long after the last overload 5 s of good service begin; missing where they never do", func(l *League) *float64 {
			if l.RecoveryNS == nil {
				return nil
			}
			ns := float64(*l.RecoveryNS)
			return &ns
		}),
		field("oscillation", UnitShare, Lower, "standard deviation of the goodput between windows of 250 ms in the second half of the overload, of its mean", func(l *League) *float64 { return l.Oscillation }),
		field("reversals_per_min", UnitCount, Lower, "how often that goodput turned by a quarter of its mean at least, per minute", func(l *League) *float64 { return l.ReversalsPerMin }),
		field("fairness", UnitShare, Higher, "Jain's index of the goodput of keys: 1 when all had as much", func(l *League) *float64 { return l.Fairness }),
	}
}
