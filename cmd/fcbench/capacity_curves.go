package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/spf13/pflag"

	"github.com/fcbench/fcbench/internal/capacity"
	"github.com/fcbench/fcbench/internal/capacity/curves"
	"github.com/fcbench/fcbench/internal/formats"
)

// curveOutput is one -o of capacity, opened.
type curveOutput struct {
	outputOf[*curves.Curve]
	w io.Writer
}

// addCurves adds the flag for them.
func addCurves(f *pflag.FlagSet, specs *[]string) {
	addOutputsOf(f, specs, curves.Formats(), "latency and goodput over the load")
}

// machine reports whether it takes standard output for a program that reads it.
func machine(o outputOf[*curves.Curve]) bool {
	return o.path == "-" && o.Write != nil && o.Name != "plot" && o.Name != "ascii"
}

// parseCurves reads every -o of capacity.
func parseCurves(specs []string, asJSON bool, trials string) ([]outputOf[*curves.Curve], error) {
	all, err := parseOutputsOf(specs, curves.Formats(), trials)
	for i, out := range all {
		if asJSON && machine(out) {
			err = errors.Join(err, fmt.Errorf("--output is %q beside --json, and both are for standard output; want %s=FILE", specs[i], out.Name))
		}
	}
	return all, err
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
	o := &curveOutputs{outputs: &outputs{streams: s}}
	for _, one := range all {
		w, err := o.open(one.path)
		if err == nil && one.path != "-" && sameFile(one.path, trials) {
			err = usage(fmt.Errorf("--output names %s, which are the trials; want a file of its own", one.path))
		}
		if err != nil {
			return nil, errors.Join(err, o.close())
		}
		o.all = append(o.all, curveOutput{one, w})
	}
	return o, nil
}

// answers are the streams for all else: the answer is beside what a program reads.
func (o *curveOutputs) answers() streams {
	s := o.streams
	for _, out := range o.all {
		if machine(out.outputOf) {
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
	if err == nil && j.Side != "" {
		err = usage(fmt.Errorf("%s has the trials of estimates that a gate compared, of which there is no curve; want those of one search", trials))
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
		options := formats.Options{}
		if out.path == "-" {
			options = optionsOn(o.out)
		}
		err = errors.Join(err, whole(out.w, func(w io.Writer) error { return out.Write(w, c, options) }))
	}
	return err
}
