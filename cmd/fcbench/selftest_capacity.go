package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os/signal"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/spf13/pflag"

	"github.com/fcbench/fcbench/internal/capacity"
	"github.com/fcbench/fcbench/internal/capacity/simulated"
	"github.com/fcbench/fcbench/internal/formats"
)

// published is the seed of the searches whose numbers stand in the docs: another than
// that of the tests, and of the searches by which the numbers of the search were chosen.
const published = 2

// capacityTest are the flags of selftest about the search for a capacity.
type capacityTest struct {
	on       bool
	searches int
	gates    int // 0 for searches
	only     []string
	strategy string
	json     bool
}

func (o *capacityTest) asked() bool { return o.on }

func (o *capacityTest) addFlags(f *pflag.FlagSet) {
	f.BoolVar(&o.on, "capacity", false, "search for the capacity of simulated targets whose capacity is known, and count how often the answer is right")
	f.IntVar(&o.searches, "searches", 2000, "searches of each target of --capacity")
	f.IntVar(&o.gates, "comparisons", 0, "instead of searches of --capacity, gates of each target with itself and with less of it, so many of each")
	f.StringSliceVar(&o.only, "targets", nil, "targets of --capacity to search, such as mm1,cliff (default all)")
	f.StringVar(&o.strategy, "strategy", string(capacity.Guarded), "strategy of --capacity: guarded or mlrsearch, whose bounds promise no coverage")
	f.BoolVar(&o.json, "json", false, "what was found as JSON")
}

func (o *capacityTest) check(f *pflag.FlagSet) (err error) {
	for _, name := range []string{"searches", "targets", "strategy", "comparisons"} {
		if f.Changed(name) && !o.on {
			err = errors.Join(err, fmt.Errorf("--%s has no effect here; want it with --capacity", name))
		}
	}
	if o.searches < 1 {
		err = errors.Join(err, fmt.Errorf("--searches is %d; want at least 1", o.searches))
	}
	switch {
	case !f.Changed("comparisons"):
	case o.gates < 1:
		err = errors.Join(err, fmt.Errorf("--comparisons is %d; want at least 1", o.gates))
	case f.Changed("searches"):
		err = errors.Join(err, errors.New("--comparisons stands beside --searches; want one of the two"))
	case f.Changed("strategy"):
		err = errors.Join(err, errors.New("--comparisons stands beside --strategy, which is that of searches; want one of the two"))
	}
	if f.Changed("targets") && len(o.only) == 0 {
		err = errors.Join(err, errors.New("--targets is empty; want targets such as mm1,cliff, or the flag left out"))
	}
	_, problem := strategyOf(o.strategy)
	err = errors.Join(err, problem)
	var names []string
	for _, w := range o.worlds() {
		names = append(names, w.Name)
	}
	for _, name := range o.only {
		if !slices.Contains(names, name) {
			err = errors.Join(err, fmt.Errorf("--targets has %q; want some of %s", name, strings.Join(names, ", ")))
		}
	}
	return err
}

func (o *capacityTest) run(ctx context.Context, s streams) error {
	ctx, stop := signal.NotifyContext(ctx, ending[:]...)
	defer stop()
	if o.gates > 0 {
		return o.compare(ctx, s)
	}
	by, err := strategyOf(o.strategy)
	if err != nil {
		return usage(err)
	}
	rows, bad := []simulated.Row{}, 0
	err = o.each(ctx, s, func(w simulated.World) error {
		w = w.By(by)
		row, err := w.Searches(ctx, published, o.searches)
		if err != nil {
			return fmt.Errorf("%s: %w", w.Name, err)
		}
		if rows = append(rows, row); w.Misses(row) != nil {
			bad++
		}
		return nil
	})
	o.print(s.out, rows)
	if err == nil && bad > 0 {
		err = fail(exitMissed, "the search is not as good as it has to be on %d of %d targets", bad, len(rows))
	}
	return err
}

// each does something with every target that is asked for, and says what it was.
func (o *capacityTest) each(ctx context.Context, s streams, do func(simulated.World) error) error {
	for _, w := range o.worlds() {
		if len(o.only) > 0 && !slices.Contains(o.only, w.Name) {
			continue
		}
		if err := do(w); err != nil && ctx.Err() != nil {
			return fail(exitInterrupted, "interrupted; what was found until then is above")
		} else if err != nil {
			return err
		}
		if !o.json {
			s.say(w.Name + ": " + w.About)
		}
	}
	return nil
}

// print prints what was found, as was asked for.
func (o *capacityTest) print(w io.Writer, rows []simulated.Row) {
	if !o.json {
		printWorlds(w, rows)
		return
	}
	_ = formats.JSON(w, map[string]any{"worlds": rows}) // stdout remembers
}

// printWorlds prints the table.
func printWorlds(w io.Writer, rows []simulated.Row) {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "\ttarget\tsearches\tbias\tsd\tcoverage\t± (median)\ttime\tverdicts")
	for _, r := range rows {
		numbers := "–\t–\t–\t–"
		mark := "✓"
		world := simulated.Named(r.Name)
		if world.Truth > 0 {
			numbers = fmt.Sprintf("%+.2f %%\t%.2f %%\t%.1f %%\t%.2f %%", 100*r.Bias, 100*r.SD, 100*r.Coverage, 100*r.HalfWidth)
		}
		why := world.By(r.Strategy).Misses(r)
		if why != nil {
			mark = "✗"
		}
		fmt.Fprintf(t, "%s\t%s\t%d\t%s\t%.0f s\t%s\n", mark, r.Name, r.Searches, numbers, r.Seconds, verdictShares(r))
		if why != nil {
			fmt.Fprintf(t, "\t  %v\n", why)
		}
	}
	_ = t.Flush()
}

// verdictShares lists the verdicts, the most frequent first.
func verdictShares(r simulated.Row) string {
	var words []capacity.Verdict
	for v := range r.Verdicts {
		words = append(words, v)
	}
	slices.SortFunc(words, func(a, b capacity.Verdict) int {
		if r.Verdicts[a] != r.Verdicts[b] {
			return int(1e6 * (r.Verdicts[b] - r.Verdicts[a]))
		}
		return strings.Compare(string(a), string(b))
	})
	var all []string
	for _, v := range words {
		all = append(all, fmt.Sprintf("%s %.1f %%", v, 100*r.Verdicts[v]))
	}
	return strings.Join(all, ", ")
}
