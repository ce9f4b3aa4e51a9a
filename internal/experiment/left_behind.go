package experiment

import (
	"context"

	"github.com/fcbench/fcbench/internal/faults"
	"github.com/fcbench/fcbench/pipelines/live"
	"github.com/fcbench/fcbench/results"
	"github.com/fcbench/fcbench/targets"
)

// leftBehind counts the goroutines that a pipeline did not end, which is to be quiescent
// soon after it was closed. The run began with so many. In virtual time it has none.
func (r *one) leftBehind(ctx context.Context, run *results.Run, before int) {
	if run.Pipeline == nil || r.time != results.Real {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), live.Grace)
	defer cancel()
	left := faults.Left(ctx, before, faults.Clock{Wait: targets.Sleep})
	run.Goroutines = &left
}
