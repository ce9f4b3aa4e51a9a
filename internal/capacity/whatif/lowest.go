package whatif

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/fcbench/fcbench/generators"
	"github.com/fcbench/fcbench/internal/experiment"
	"github.com/fcbench/fcbench/internal/oracle"
	"github.com/fcbench/fcbench/internal/scenario"
	"github.com/fcbench/fcbench/limiters"
)

// Answer is the lowest rate of a limiter that rejects no more than a share.
type Answer struct {
	Trial  string          `json:"trial"`
	Kind   string          `json:"kind"`
	Params json.RawMessage `json:"params,omitempty"`
	Wanted float64         `json:"wanted"` // the share
	// Rate is that rate, as it is written in scenarios: neither it nor any higher one that
	// was looked at rejects more. Empty where there is none, and why that is so.
	Rate  string  `json:"rate,omitempty"`
	Share float64 `json:"share"` // that it rejects
	Why   string  `json:"why,omitempty"`
	// Looked is how many rates were looked at, and Rises one of them that rejects more
	// than a lower one does; nil where a higher rate never rejects more.
	Looked int   `json:"looked_at"`
	Rises  *Rise `json:"rises,omitempty"`
}

// Rise is a rate that rejects more than a lower one.
type Rise struct {
	Lower      string  `json:"lower"`
	LowerShare float64 `json:"lower_share"`
	Rate       string  `json:"rate"`
	Share      float64 `json:"share"`
}

// Lowest looks for the lowest rate of the i-th limiter of a scenario that rejects no
// more than a share, all else being as it is: to the last grain, a thousandth of one a
// period, or one in a window.
func Lowest(ctx context.Context, s *scenario.Scenario, i int, share float64, say func(string)) (Answer, error) {
	sub := s.Subjects[i]
	info, own := sub.Claimed(), false
	for class := range s.Workload.Classes() {
		_, has := sub.ClaimedOf(class)
		own = own || has
	}
	a := Answer{Trial: sub.Name, Kind: sub.Kind, Params: s.Params, Wanted: share}
	if own || len(info.Also) > 0 || info.Algorithm == "composite" {
		return a, fmt.Errorf("%s has several limits; want one limiter with one rate", sub.Name)
	}
	l := &ladder{ctx: ctx, scenario: s, subject: sub, info: info, say: say, grain: grainOf(info), seen: map[int64]uint64{}}
	if err := l.climb(share); err != nil {
		return a, err
	}
	l.answer(&a)
	return a, nil
}

// ladder is the rates that were looked at, in grains.
type ladder struct {
	ctx      context.Context
	scenario *scenario.Scenario
	subject  scenario.Subject
	info     limiters.Info
	say      func(string)
	grain    grain
	offered  uint64
	seen     map[int64]uint64 // rejected, by rate
}

// grain is the step of a rate: 1/parts of one a period.
type grain struct {
	parts  int64
	period time.Duration
}

// grainOf is a thousandth of one a period where that is the same limit, and one in a window.
func grainOf(info limiters.Info) grain {
	g := grain{1, info.Limit.Period}
	if info.Limit.Burst == 0 { // a window has whole numbers
		return g
	}
	for g.parts < 1000 && info.Limit.Burst < (1<<60)/int64(g.period)/(10*g.parts) {
		g.parts *= 10
	}
	return g
}

// most is the highest rate: one a nanosecond.
func (g grain) most() int64 { return int64(g.period) * g.parts }

// rate is one as it is written.
func (g grain) rate(grains int64) string {
	one := limiters.Limit{Rate: 1, Period: g.period}.Config().Rate.String()
	return strconv.FormatFloat(float64(grains)/float64(g.parts), 'f', -1, 64) + strings.TrimPrefix(one, "1")
}

// rungs is how many rates are looked at in one go through the arrivals.
const rungs = 16

// climb looks at rates a factor of two apart, farther and farther, until some reject
// too much and others do not; then between these.
func (l *ladder) climb(share float64) error {
	start := l.info.Limit.Rate * l.grain.parts
	low, high := start, start
	for {
		if err := l.look(l.doubling(low, high)); err != nil {
			return err
		}
		rates := slices.Sorted(maps.Keys(l.seen))
		low, high = rates[0], rates[len(rates)-1]
		if most := l.allowed(share); (l.seen[low] > most || low == 1) && (l.seen[high] <= most || high == l.grain.most()) {
			break
		}
	}
	for {
		below, at, ok := l.gap(share)
		if !ok || at-below <= 1 {
			return nil
		}
		var between []int64
		for k := range int64(rungs) {
			between = append(between, below+(at-below)*(k+1)/(rungs+1))
		}
		if err := l.look(between); err != nil {
			return err
		}
	}
}

// doubling is rates beyond both ends of those that were looked at.
func (l *ladder) doubling(low, high int64) []int64 {
	all := []int64{low}
	for range rungs / 2 {
		low = max(1, low/2)
		high = min(l.grain.most(), high*2)
		all = append(all, low, high)
	}
	return all
}

// look goes once through the arrivals with all rates that were not looked at yet.
func (l *ladder) look(rates []int64) error {
	var fresh []int64
	var models []model
	for _, r := range rates {
		if _, known := l.seen[r]; known || slices.Contains(fresh, r) || r < 1 {
			continue
		}
		m, err := newModel(l.scenario, l.subject, func(o *oracle.Options) {
			o.Limit.Rate, o.Limit.Period = r, l.grain.period*time.Duration(l.grain.parts)
		})
		if err != nil {
			return err
		}
		fresh, models = append(fresh, r), append(models, m)
	}
	if len(fresh) == 0 {
		return nil
	}
	rejected := make([]uint64, len(fresh))
	found, err := experiment.Walk(l.ctx, l.scenario, l.say, func(a *generators.Arrival) error {
		for i := range models {
			if !models[i].admits(a) && a.At >= l.scenario.Warmup {
				rejected[i]++
			}
		}
		return nil
	})
	l.offered = found.Measured
	for i, r := range fresh {
		l.seen[r] = rejected[i]
	}
	return err
}

// allowed is how many may be rejected.
func (l *ladder) allowed(share float64) uint64 { return uint64(share*float64(l.offered) + 1e-9) }

// gap is the lowest rate above which none that was looked at rejects too much, and the
// next lower one; ok is false where there is none, or nothing below it.
func (l *ladder) gap(share float64) (below, at int64, ok bool) {
	rates := slices.Sorted(maps.Keys(l.seen))
	for i, r := range slices.Backward(rates) {
		if l.seen[r] > l.allowed(share) {
			return r, at, i < len(rates)-1
		}
		at = r
	}
	return 0, at, false
}

// answer writes down what was found.
func (l *ladder) answer(a *Answer) {
	share := func(r int64) float64 { return float64(l.seen[r]) / float64(max(l.offered, 1)) }
	rates := slices.Sorted(maps.Keys(l.seen))
	a.Looked = len(rates)
	for i, r := range rates[1:] {
		if lower := rates[i]; l.seen[r] > l.seen[lower] && a.Rises == nil {
			a.Rises = &Rise{l.grain.rate(lower), share(lower), l.grain.rate(r), share(r)}
		}
	}
	_, at, _ := l.gap(a.Wanted)
	if at == 0 {
		highest := rates[len(rates)-1]
		a.Share, a.Why = share(highest), "no rate rejects so little: what costs more than the burst never passes"
		return
	}
	a.Rate, a.Share = l.grain.rate(at), share(at)
}

// ButForItsRate tells the i-th limiters of scenarios apart by all that their answer
// depends on.
func ButForItsRate(s *scenario.Scenario, i int) string {
	info := s.Subjects[i].Claimed()
	period := info.Limit.Period
	info.Limit.Rate, info.Limit.Period = 0, 0
	if info.Limit.Burst == 0 {
		info.Limit.Period = period
	}
	return fmt.Sprint(s.Subjects[i].Kind, info, s.Seed, s.Warmup, s.Horizon(), s.Count, string(s.WorkloadJSON()))
}
