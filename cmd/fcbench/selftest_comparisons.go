package main

import (
	"context"
	"fmt"
	"io"
	"text/tabwriter"

	"github.com/fcbench/fcbench/internal/capacity/simulated"
	"github.com/fcbench/fcbench/internal/formats"
)

// comparedMargins are those of simulated gates: that of a gate which says none, and one so small
// that chance matters.
var comparedMargins = [...]float64{0.05, 0.01}

// worlds are the targets that may be asked for.
func (o *capacityTest) worlds() (all []simulated.World) {
	if o.gates == 0 {
		return simulated.Worlds()
	}
	for _, w := range append(simulated.Worlds(), simulated.Clumps()) {
		if w.Truth > 0 {
			all = append(all, w)
		}
	}
	return all
}

// compare makes gates of targets with themselves, and with what takes less by twice the margin.
func (o *capacityTest) compare(ctx context.Context, s streams) error {
	rows, bad := []simulated.GateRow{}, 0
	err := o.each(ctx, s, func(w simulated.World) error {
		for _, margin := range comparedMargins {
			for _, loss := range []float64{0, 2 * margin} {
				row, err := w.Gates(ctx, published, o.gates, margin, loss)
				if err != nil {
					return err
				}
				if rows = append(rows, row); row.Misses() != nil {
					bad++
				}
			}
		}
		return nil
	})
	o.printGates(s.out, rows)
	if err == nil && bad > 0 {
		err = fail(exitMissed, "the comparison is not as good as it has to be in %d of %d rows", bad, len(rows))
	}
	return err
}

// printGates prints what was found, as was asked for.
func (o *capacityTest) printGates(w io.Writer, rows []simulated.GateRow) {
	if o.json {
		_ = formats.JSON(w, map[string]any{"gates": rows}) // stdout remembers
		return
	}
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "\ttarget\tmargin\tb takes\tgates\tregressed\tpredicted\tpassed\tinconclusive\twithout pairs\tchange\tpair SD\ttime")
	for _, r := range rows {
		predicted, takes, mark := "at most 1 %", "the same", "✓"
		if r.Loss > 0 {
			predicted, takes = fmt.Sprintf("%.1f %%", 100*r.Predicted), fmt.Sprintf("-%g %%", 100*r.Loss)
		}
		why := r.Misses()
		if why != nil {
			mark = "✗"
		}
		fmt.Fprintf(t, "%s\t%s\t%g %%\t%s\t%d\t%.1f %%\t%s\t%.1f %%\t%.1f %%\t%.1f %%\t%+.2f %%\t%.2f %%\t%.0f s\n", mark, r.Name, 100*r.Margin, takes, r.Gates,
			100*r.Regressed, predicted, 100*r.Passed, 100*r.Inconclusive, 100*r.Unpaired, 100*r.Change, 100*r.PairSD, r.Seconds)
		if why != nil {
			fmt.Fprintf(t, "\t  %v\n", why)
		}
	}
	_ = t.Flush()
}
