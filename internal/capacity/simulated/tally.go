package simulated

import (
	"context"
	"errors"
	"math"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/fcbench/fcbench/internal/capacity"
	"github.com/fcbench/fcbench/internal/seed"
)

// Row is what so many searches of a world found. Shares are fractions.
type Row struct {
	Name      string                       `json:"name"`
	Strategy  capacity.Strategy            `json:"strategy"`
	Searches  int                          `json:"searches"`
	Bias      float64                      `json:"bias"`       // of the middle, on average, as a share of the truth
	SD        float64                      `json:"sd"`         // of the middle, as a share of the truth
	Coverage  float64                      `json:"coverage"`   // of the searches with an answer: whose interval holds the truth
	HalfWidth float64                      `json:"half_width"` // the median one
	Verdicts  map[capacity.Verdict]float64 `json:"verdicts"`   // shares of all searches
	Seconds   float64                      `json:"seconds"`    // that a search takes of its target, on average
}

// Find makes the k-th search of a world, of those of a seed.
func (w World) Find(ctx context.Context, root uint64, k int) (capacity.Answer, error) {
	random := seed.New(root).Sub(w.Name).Index(uint64(k))
	return capacity.Search(ctx, w.Plan(random.Uint64(0)), w.Start(random.Uint64(1)))
}

// Tally sums searches up.
func (w World) Tally(answers []capacity.Answer) Row {
	r := Row{Name: w.Name, Searches: len(answers), Verdicts: map[capacity.Verdict]float64{}}
	var errors, widths []float64
	for _, a := range answers {
		r.Strategy = a.Strategy
		r.Verdicts[a.Verdict] += 1 / float64(len(answers))
		r.Seconds += a.Took.Seconds() / float64(len(answers))
		if a.Verdict != capacity.Capacity || w.Truth == 0 {
			continue
		}
		errors = append(errors, a.Value/w.Truth-1)
		widths = append(widths, a.HalfWidth())
		if a.Low <= w.Truth && w.Truth <= a.High {
			r.Coverage++
		}
	}
	if len(errors) == 0 {
		return r
	}
	n := float64(len(errors))
	r.Coverage /= n
	for _, e := range errors {
		r.Bias += e / n
	}
	for _, e := range errors {
		r.SD += (e - r.Bias) * (e - r.Bias) / n
	}
	r.SD = math.Sqrt(r.SD)
	slices.Sort(widths)
	r.HalfWidth = widths[len(widths)/2]
	return r
}

// Searches makes the first n searches of a seed of the world, on all cores.
func (w World) Searches(ctx context.Context, root uint64, n int) (Row, error) {
	answers, errs := make([]capacity.Answer, n), make([]error, n)
	var next atomic.Int64
	var wg sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		wg.Go(func() {
			for k := int(next.Add(1)) - 1; k < n && ctx.Err() == nil; k = int(next.Add(1)) - 1 {
				answers[k], errs[k] = w.Find(ctx, root, k)
			}
		})
	}
	wg.Wait()
	return w.Tally(answers), errors.Join(append(errs, ctx.Err())...)
}
