package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"github.com/fcbench/fcbench/results/paired/worlds"
	"github.com/fcbench/fcbench/results/report"
)

// simulation is the flags of selftest about gates on made-up runs, of which the truth is known.
type simulation struct {
	on      bool
	gates   int
	seed    uint64
	specs   []string
	outputs []rateOutput
}

func (o *simulation) asked() bool { return o.on }

func (o *simulation) addFlags(f *pflag.FlagSet) {
	f.BoolVar(&o.on, "simulate", false, "play gates on made-up runs, independent, drifting, disturbed, biased, of two modes or of heavy tails, and count false alarms, what is found, and intervals that hold")
	f.IntVar(&o.gates, "gates", worlds.Enough, "gates of each row of --simulate, as many with nothing worse as with one claim worse; fewer than these are not judged. Of a POLICY, gates of each kind, 20 unless given")
	f.Uint64Var(&o.seed, "seed", 1, "seed of what --simulate makes up")
	f.StringArrayVarP(&o.specs, "output", "o", nil, "format of --simulate, KIND or KIND=FILE (repeatable): "+rateKinds())
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
	o.outputs, bad = parseRateOutputs(o.specs)
	return errors.Join(err, bad)
}

func (o *simulation) run(_ context.Context, s streams) error {
	rows, err := simulate(o.gates, o.seed)
	if err != nil {
		return err
	}
	for _, out := range o.outputs {
		err = errors.Join(err, out.write(s, rows))
	}
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

// rateOutput is one -o of selftest.
type rateOutput struct {
	kind, path string // "-" for stdout
}

func rateKinds() string { return "table, markdown, json" }

func parseRateOutputs(specs []string) (all []rateOutput, err error) {
	taken := map[string]bool{}
	for _, spec := range specs {
		kind, path, named := strings.Cut(spec, "=")
		if !named {
			path = "-"
		}
		path = orStdout(path)
		switch {
		case !slices.Contains([]string{"table", "markdown", "json"}, kind) || path == "":
			err = errors.Join(err, fmt.Errorf("--output is %q; want KIND or KIND=FILE with KIND one of %s", spec, rateKinds()))
		case taken[path]:
			err = errors.Join(err, fmt.Errorf("--output names %s twice; want a file of its own for each", path))
		}
		taken[path] = true
		all = append(all, rateOutput{kind, path})
	}
	if !taken["-"] {
		all = append(all, rateOutput{"table", "-"})
	}
	return all, err
}

func (o rateOutput) write(s streams, rows []worlds.Row) error {
	if o.path == "-" {
		return o.form(s.out, rows)
	}
	return writeFile(s, o.path, func(w io.Writer) error { return o.form(w, rows) })
}

func (o rateOutput) form(w io.Writer, rows []worlds.Row) error {
	switch o.kind {
	case "json":
		e := json.NewEncoder(w)
		e.SetIndent("", "  ")
		return e.Encode(map[string][]worlds.Row{"worlds": rows})
	case "markdown":
		return rateGrid(rows).WriteMarkdown(w)
	}
	return rateGrid(rows).WriteText(w, tableOptions(w))
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
