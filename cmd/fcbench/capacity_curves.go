package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/pflag"

	"github.com/fcbench/fcbench/internal/capacity"
	"github.com/fcbench/fcbench/internal/capacity/curves"
)

// curveOutput is one -o of capacity.
type curveOutput struct {
	curves.Format
	path string // "-" for stdout
	w    io.Writer
}

// addCurves adds the flag for them.
func addCurves(f *pflag.FlagSet, specs *[]string) {
	f.StringArrayVarP(specs, "output", "o", nil, "latency and goodput over the load, KIND, KIND=FILE or a FILE by its ending (repeatable): "+curves.Kinds())
}

// machine reports whether it takes standard output for a program that reads it.
func (o curveOutput) machine() bool {
	return o.path == "-" && o.Name != "plot" && o.Name != "ascii"
}

// parseCurves reads every -o of capacity: KIND, KIND=FILE, or FILE by its ending.
func parseCurves(specs []string, asJSON bool, trials string) (all []curveOutput, err error) {
	taken := map[string]bool{trials: true}
	for _, spec := range specs {
		out, known := curveOf(spec)
		switch {
		case !known || out.path == "":
			err = errors.Join(err, fmt.Errorf("--output is %q; want KIND or KIND=FILE with KIND one of %s, or a FILE that ends in %s", spec, curves.Kinds(), endings()))
		case taken[out.path]:
			err = errors.Join(err, fmt.Errorf("--output names %s, which is taken; want a file of its own for each", out.path))
		case asJSON && out.machine():
			err = errors.Join(err, fmt.Errorf("--output is %q beside --json, and both are for standard output; want %s=FILE", spec, out.Name))
		}
		taken[out.path] = true
		all = append(all, out)
	}
	return all, err
}

func curveOf(spec string) (o curveOutput, known bool) {
	kind, path, named := strings.Cut(spec, "=")
	if named {
		o.Format, known = curves.FormatOf(kind)
		o.path = orStdout(path)
		return o, known
	}
	if o.Format, known = curves.FormatOf(spec); known {
		o.path = "-"
		return o, true
	}
	o.Format, known = curves.FormatFor(spec)
	o.path = spec
	return o, known
}

// endings lists those that say what a file is in.
func endings() string {
	var all []string
	for _, f := range curves.Formats() {
		if f.Ending != "" {
			all = append(all, f.Ending)
		}
	}
	return strings.Join(all, ", ")
}

// curveOutputs are those of one command, opened before anything is sent.
type curveOutputs struct {
	*outputs
	all []curveOutput
}

func openCurves(s streams, specs []string, asJSON bool, trials string) (*curveOutputs, error) {
	all, err := parseCurves(specs, asJSON, trials)
	if err != nil {
		return nil, usage(err)
	}
	o := &curveOutputs{&outputs{streams: s}, all}
	for i := range all {
		w, err := o.open(all[i].path)
		if err == nil && all[i].path != "-" {
			err = notOver(w.(*destination), trials)
		}
		if err != nil {
			return nil, errors.Join(err, o.close())
		}
		all[i].w = w
	}
	return o, nil
}

// notOver refuses to write over the trials, under whatever name.
func notOver(d *destination, trials string) error {
	a, errA := os.Stat(trials)
	b, errB := d.Stat()
	if errA == nil && errB == nil && os.SameFile(a, b) {
		return usage(fmt.Errorf("--output names %s, which are the trials; want a file of its own", d.path))
	}
	return nil
}

// answers are the streams for all else: the answer is beside what a program reads.
func (o *curveOutputs) answers() streams {
	s := o.streams
	for _, out := range o.all {
		if out.machine() {
			s.out = s.err
		}
	}
	return s
}

// finish draws the trials of a file once a search is over, or was ended by an error: what
// was measured until then is there. Where nothing was, what there was before stays.
func (o *curveOutputs) finish(trials string, searched error) error {
	if searched != nil && exitCode(searched) == exitUsage {
		return errors.Join(searched, o.close())
	}
	return errors.Join(searched, o.draw(trials), o.close())
}

func (o *curveOutputs) draw(trials string) error {
	if len(o.all) == 0 {
		return nil
	}
	j, _, err := openJournal(trials)
	if errors.Is(err, os.ErrNotExist) {
		return nil // the search ended before it had one
	}
	if err != nil {
		return err
	}
	t, err := capacity.Follow(context.Background(), j.Plan, j.Measure(nil))
	if len(t.Trials) == 0 || err != nil && !errors.Is(err, capacity.ErrOver) {
		return nil // which the search has said already
	}
	c := curves.New(j.Header, t)
	err = nil
	for _, out := range o.all {
		options := curves.Options{}
		if out.path == "-" {
			of := tableOptions(o.out)
			options.Color, options.Width = of.Color, of.Width
		}
		err = errors.Join(err, whole(out.w, func(w io.Writer) error { return out.Write(w, c, options) }))
	}
	return err
}
