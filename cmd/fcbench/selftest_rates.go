package main

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/spf13/pflag"

	"github.com/fcbench/fcbench/internal/formats"
	"github.com/fcbench/fcbench/results/paired/worlds"
	"github.com/fcbench/fcbench/results/report"
)

// simulation is the flags of selftest about gates on made-up runs, of which the truth is known.
type simulation struct {
	on      bool
	gates   int
	seed    uint64
	specs   []string
	outputs []outputOf[[]worlds.Row]
}

func (o *simulation) asked() bool { return o.on }

func (o *simulation) addFlags(f *pflag.FlagSet) {
	f.BoolVar(&o.on, "simulate", false, "play gates on made-up runs, independent, drifting, disturbed, biased, of two modes or of heavy tails, and count false alarms, what is found, and intervals that hold")
	f.IntVar(&o.gates, "gates", worlds.Enough, "gates of each row of --simulate, as many with nothing worse as with one claim worse; fewer than these are not judged. Of a POLICY, gates of each kind, 20 unless given")
	f.Uint64Var(&o.seed, "seed", 1, "seed of what --simulate makes up")
	addOutputsOf(f, &o.specs, rateFormats(), "format of --simulate")
}

func (o *simulation) check(f *pflag.FlagSet) (err error) {
	for _, name := range []string{"gates", "seed", "output"} {
		if f.Changed(name) && !o.on && (name != "gates" || f.NArg() == 0) {
			err = errors.Join(err, fmt.Errorf("--%s has no effect here; want it with --simulate", name))
		}
	}
	if o.gates < 1 {
		err = errors.Join(err, fmt.Errorf("--gates is %d; want at least 1", o.gates))
	}
	if asJSON, _ := f.GetBool("json"); asJSON && o.on {
		o.specs = append(o.specs, "json")
	}
	var bad error
	o.outputs, bad = parseOutputsOf(o.specs, rateFormats())
	return errors.Join(err, bad)
}

func (o *simulation) run(_ context.Context, s streams) error {
	rows, err := simulate(o.gates, o.seed)
	if err != nil {
		return err
	}
	err = writeAll(s, withTable(o.outputs, rateFormats()), rows)
	if o.gates < worlds.Enough {
		s.say(fmt.Sprintf("of fewer than %d gates nothing is judged", worlds.Enough))
	}
	for _, row := range rows {
		for _, missed := range row.Missed() {
			err = errors.Join(err, fail(exitMissed, "%s", missed))
		}
	}
	return err
}

func rateFormats() formats.List[[]worlds.Row] {
	return formats.List[[]worlds.Row]{
		{Name: "table", Ending: ".txt", Write: formats.Plain(func(w io.Writer, rows []worlds.Row) error { return rateGrid(rows).WriteText(w, tableOptions(w)) })},
		{Name: "markdown", Ending: ".md", Write: formats.Plain(func(w io.Writer, rows []worlds.Row) error { return rateGrid(rows).WriteMarkdown(w) })},
		{Name: "json", Ending: ".json", Write: formats.Plain(func(w io.Writer, rows []worlds.Row) error {
			return formats.JSON(w, map[string][]worlds.Row{"worlds": rows})
		})},
	}
}

func rateGrid(rows []worlds.Row) (g report.Grid) {
	for i, head := range []string{"world", "claims", "pair SD", "gates", "alarms", "found at 2 × margin", "planned", "coverage"} {
		g.Columns = append(g.Columns, report.Column{Head: head, Text: i == 0})
	}
	percent := func(share float64) string { return fmt.Sprintf("%.1f %%", 100*share) }
	for _, r := range rows {
		g.Rows = append(g.Rows, []string{
			r.Name, fmt.Sprint(r.Claims), percent(r.PairSD), fmt.Sprint(r.Gates), fmt.Sprint(r.Alarms),
			percent(r.Power), percent(r.Predicted), percent(r.Coverage),
		})
	}
	return g
}
