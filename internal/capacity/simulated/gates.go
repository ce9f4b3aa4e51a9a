package simulated

import (
	"context"
	"errors"
	"fmt"
	"math"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/fcbench/fcbench/internal/capacity"
	"github.com/fcbench/fcbench/internal/seed"
	"github.com/fcbench/fcbench/results"
	"github.com/fcbench/fcbench/results/paired"
)

// What simulated gates have: the time of `fcbench gate` where nothing else is said.
const (
	gateBudget = 10 * time.Minute
	powerGates = 4000 // that are played for what is predicted
)

// GateRow is what so many gates of a world found. Shares are fractions.
type GateRow struct {
	Name         string  `json:"name"`
	Gates        int     `json:"gates"`
	Margin       float64 `json:"margin"`
	Loss         float64 `json:"loss"`         // by how much less side b takes, as a share
	Regressed    float64 `json:"regressed"`    // share of the gates
	Passed       float64 `json:"passed"`       // or improved
	Inconclusive float64 `json:"inconclusive"` // after the last pair
	Unpaired     float64 `json:"unpaired"`     // that found no capacity, or lost it
	Change       float64 `json:"change"`       // that was estimated, on average
	PairSD       float64 `json:"pair_sd"`      // of the logarithm of the ratio
	Predicted    float64 `json:"predicted"`    // share that is found by what `gate --plan` says of such a pair SD
	Seconds      float64 `json:"seconds"`      // that a gate takes of both targets, on average
}

// Less is the world with a capacity that is less by a share.
func (w World) Less(share float64) World {
	if share == 0 {
		return w
	}
	s, want := *w.server, (1-share)*w.Truth
	w.server, w.Truth = &s, want
	switch {
	case s.cap > 0:
		s.cap *= 1 - share
	case s.slow != nil:
		slow := s.slow
		s.slow = func(rate float64) float64 { return slow(rate / (1 - share)) }
	default:
		w.slower(want)
	}
	return w
}

// slower makes services so much longer that the capacity is what is wanted.
func (w World) slower(want float64) {
	before := w.parts
	low, high := 1.0, 1e3
	for range 60 {
		factor := math.Sqrt(low * high)
		w.parts = nil
		for _, p := range before {
			p.mean *= factor
			w.server.parts = append(w.server.parts, p)
		}
		if w.truth() > want {
			low = factor
		} else {
			high = factor
		}
	}
}

// compared is one gate.
type compared struct {
	paired.Result
	took     time.Duration
	unpaired bool
}

// side is one of the two targets of a gate.
type side struct {
	*capacity.Gauge
	make   capacity.Measure
	took   time.Duration
	answer capacity.Answer
}

// step is what a gauge does by trials.
type step func(*capacity.Gauge, context.Context, capacity.Measure) (capacity.Answer, error)

// asks are the trials of one step of it.
func (s *side) asks(ctx context.Context, do step) capacity.Asks {
	return capacity.Asks{
		Do: func(m capacity.Measure) (err error) {
			s.answer, err = do(s.Gauge, ctx, m)
			return err
		},
		Make: func(ctx context.Context, t capacity.Trial) (capacity.Observation, error) {
			o, err := s.make(ctx, t)
			s.took += o.Took
			return o, err
		},
	}
}

// compare makes the k-th gate of a seed between the world and what is less of it by a share.
func (w World) compare(ctx context.Context, root uint64, k int, loss float64, judge *paired.Judge, design paired.Design) (out compared, err error) {
	random := seed.New(root).Sub("gates of " + w.Name).Index(uint64(k))
	p := w.Plan(random.Uint64(0))
	p.Budget = gateBudget
	p.FitEstimates(design.Pairs())
	a := &side{Gauge: capacity.NewGauge(p), make: w.Start(random.Uint64(1))}
	b := &side{Gauge: capacity.NewGauge(p), make: other(w.Less(loss).Start(random.Uint64(2)), random.Uint64(3))}
	defer func() { out.took = a.took + b.took }()
	orders := design.Orders(random.Uint64(4))
	both := func(aFirst bool, do step) (bool, error) {
		err := capacity.InTurn(ctx, aFirst, a.asks(ctx, do), b.asks(ctx, do))
		return a.answer.Verdict == capacity.Capacity && b.answer.Verdict == capacity.Capacity, err
	}
	found, err := both(true, (*capacity.Gauge).Find)
	capacity.Agree(a.Gauge, b.Gauge)
	var sample paired.Sample
	for look, l := range design.Looks {
		for found && err == nil && len(sample.A) < l.Pairs {
			found, err = both(orders[len(sample.A)] == paired.AB, (*capacity.Gauge).Estimate)
			sample.A, sample.B = append(sample.A, a.answer.Value), append(sample.B, b.answer.Value)
		}
		if !found || err != nil {
			out.unpaired = true
			return out, err
		}
		j := judge.Look(look, []paired.Sample{sample}, orders)
		out.Result = j.Claims[0]
		if j.Done {
			break
		}
	}
	return out, nil
}

// other is a target to which other requests come than to the first.
func other(m capacity.Measure, key uint64) capacity.Measure {
	return func(ctx context.Context, t capacity.Trial) (capacity.Observation, error) {
		t.Seed ^= key
		return m(ctx, t)
	}
}

// Gates makes the first n gates of a seed of the world with a margin, of a side b that takes less by a
// share, on all cores.
func (w World) Gates(ctx context.Context, root uint64, n int, margin, loss float64) (GateRow, error) {
	design := paired.Default()
	claim := paired.Claim{Name: "capacity", Better: results.Higher, Scale: paired.Ratio, Margin: margin, Steady: true}
	all, errs := make([]compared, n), make([]error, n)
	var next atomic.Int64
	var wg sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		wg.Go(func() {
			judge, err := paired.NewJudge(design, []paired.Claim{claim})
			for k := int(next.Add(1)) - 1; k < n && ctx.Err() == nil && err == nil; k = int(next.Add(1)) - 1 {
				all[k], err = w.compare(ctx, root, k, loss, judge, design)
				errs[k] = err
			}
		})
	}
	wg.Wait()
	if err := errors.Join(append(errs, ctx.Err())...); err != nil {
		return GateRow{}, fmt.Errorf("%s: %w", w.Name, err)
	}
	r := w.tallyGates(all)
	if r.Margin, r.Loss = margin, loss; loss == 0 || r.PairSD == 0 {
		return r, nil
	}
	var err error
	r.Predicted, err = design.Power(claim, paired.Normal(r.PairSD), powerGates)
	return r, err
}

// tallyGates sums gates up.
func (w World) tallyGates(all []compared) GateRow {
	r := GateRow{Name: w.Name, Gates: len(all)}
	n, judged := float64(len(all)), 0.0
	for _, c := range all {
		r.Seconds += c.took.Seconds() / n
		if c.unpaired {
			r.Unpaired += 1 / n
			continue
		}
		judged++
		r.Change += c.Change(c.Estimate)
		r.PairSD += c.PairSD * c.PairSD
		switch c.Verdict {
		case paired.Regressed:
			r.Regressed += 1 / n
		case paired.Inconclusive:
			r.Inconclusive += 1 / n
		default:
			r.Passed += 1 / n
		}
	}
	if judged > 0 {
		r.Change, r.PairSD = r.Change/judged, math.Sqrt(r.PairSD/judged)
	}
	return r
}
