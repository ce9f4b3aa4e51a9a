package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"unicode"

	"github.com/fcbench/fcbench/internal/eventlog"
	"github.com/fcbench/fcbench/results"
	"github.com/fcbench/fcbench/results/report"
)

// outputs are the files that a command writes. The result file grows with
// every run; other formats are written at the end.
type outputs struct {
	streams
	results []*appender
	events  *eventlog.Log // nil where they were not asked for
	formats []formatted
	files   []*destination
	runs    []results.Run // of every scenario so far
	league  []results.Run // of those that have one table together
	without []report.LeftOut
	table   bool // stdout is free for the table
}

// appender writes runs to one result file until it fails, which is said once.
type appender struct {
	w       io.Writer
	file    *destination // nil where w is none that lasts, and there is nothing beside it
	partial *partial
	err     error
}

func newAppender(w io.Writer, tell io.Writer) *appender {
	a := &appender{w: w}
	if d, ok := w.(*destination); ok && d.regular {
		a.file, a.partial = d, newPartial(d.path, tell)
	}
	return a
}

// write appends a run, and lets go of what was written of it before. In real time,
// where runs take longer than a disk, it is on the disk then.
func (a *appender) write(run *results.Run) error {
	if a.err = results.WriteRun(a.w, run); a.err != nil || a.file == nil {
		return a.err
	}
	if run.Time == results.Real {
		a.err = a.file.Sync()
	}
	return errors.Join(a.err, a.partial.drop())
}

// formatted is a format on its way to a file, or to one for each of its parts.
type formatted struct {
	output
	w    io.Writer // nil where it has parts
	tell io.Writer // what is to be said of files that are replaced
}

// openOutputs opens everything before anything is sent, so that a path that
// cannot be written costs no measurement.
func openOutputs(s streams, specs []string) (*outputs, error) {
	o := &outputs{streams: s, table: true}
	wanted, err := parseOutputs(specs)
	if err != nil {
		return nil, usage(err)
	}
	for _, want := range wanted {
		if want.inParts() {
			if err := isFolder(filepath.Dir(want.path)); err != nil {
				return nil, errors.Join(err, o.close())
			}
			o.formats = append(o.formats, formatted{output: want, tell: s.err})
			continue
		}
		w, err := o.open(want.path)
		if err != nil {
			return nil, errors.Join(err, o.close())
		}
		if want.Name == events {
			f, _ := eventlog.FormatOf(want.path) // it was looked at before
			o.events = eventlog.New(w, f)
			continue
		}
		if want.Name == "jsonl" {
			o.results = append(o.results, newAppender(w, s.err))
		} else {
			o.formats = append(o.formats, formatted{output: want, w: w})
		}
	}
	return o, nil
}

// isFolder fails where there is none.
func isFolder(path string) error {
	info, err := os.Stat(path)
	if err == nil && !info.IsDir() {
		err = fmt.Errorf("%s is no folder", path)
	}
	return err
}

// output is one -o: a format, which part of it, and where to.
type output struct {
	report.Format
	options report.Options // with what it is of, where that was chosen
	chosen  bool
	path    string
}

// inParts reports whether there is a file for each part of the format.
func (o output) inParts() bool { return o.Parts != nil && !o.chosen && o.path != "-" }

// parseOutputs reads every -o, FILE or KIND=FILE or KIND:CHOICE=FILE.
func parseOutputs(specs []string) (all []output, err error) {
	seen := map[string]bool{}
	for _, spec := range specs {
		kind, path, named := strings.Cut(spec, "=")
		if !named {
			kind, path = "jsonl", spec
		}
		path = orStdout(path)
		kind, choice, chosen := strings.Cut(kind, ":")
		format, unknown := formatOf(kind)
		if kind == events {
			format, unknown = report.Format{Name: events}, eventsTo(path, seen)
		}
		want := output{Format: format, chosen: chosen, path: path, options: report.Options{CSV: strings.HasSuffix(path, ".csv")}}
		switch {
		case chosen && unknown == nil && (format.Choose == nil || choice == ""):
			err = errors.Join(err, fmt.Errorf("--output is %q; want %s=FILE, or of hgrm one histogram, such as hgrm:gcra.response.ok=FILE, or of grid one metric, such as grid:throughput=FILE", spec, kind))
		case unknown != nil:
			err = errors.Join(err, unknown)
		case path == "":
			err = errors.Join(err, fmt.Errorf("--output is %q; want FILE or KIND=FILE", spec))
		case seen[path]:
			err = errors.Join(err, fmt.Errorf("--output names %s twice; want a file of its own for each", path))
		case path != "-" && len(format.Endings) > 0 && !slices.Contains(format.Endings, filepath.Ext(path)):
			err = errors.Join(err, fmt.Errorf("--output is %q; want a file that ends in %s", spec, strings.Join(format.Endings, " or ")))
		case chosen:
			if wrong := format.Choose(&want.options, choice); wrong != nil {
				err = errors.Join(err, fmt.Errorf("--output is %q: %w", spec, wrong))
			}
		}
		seen[path] = true
		all = append(all, want)
	}
	return all, err
}

// events is the output that is written while runs are made: every attempt of them.
const events = "events"

// eventsTo checks the file of an event log, of which there is one.
func eventsTo(path string, seen map[string]bool) error {
	if seen[events] {
		return errors.New("--output names two event logs; want one")
	}
	seen[events] = true
	if path == "-" {
		return errors.New("--output events is for a file; want events=FILE.jsonl or events=FILE.csv")
	}
	_, err := eventlog.FormatOf(path)
	return err
}

func formatOf(kind string) (report.Format, error) {
	var names []string
	for _, f := range report.Formats() {
		if f.Name == kind {
			return f, nil
		}
		names = append(names, f.Name)
	}
	names = append(names, events)
	return report.Format{}, fmt.Errorf("output format is %q; want one of %s", kind, strings.Join(names, ", "))
}

func (o *outputs) open(path string) (io.Writer, error) {
	if path == "-" {
		o.table = false
		return o.out, nil
	}
	f, err := openDestination(path, o.err)
	if err != nil {
		return nil, err
	}
	for _, other := range o.files {
		if f.same(other) {
			return nil, errors.Join(usage(fmt.Errorf("--output names one file twice, as %s and as %s; want a file of its own for each", other.path, path)), f.Close())
		}
	}
	o.files = append(o.files, f)
	return f, nil
}

// write appends a run to every result file.
func (o *outputs) write(run *results.Run) (err error) {
	for _, a := range o.results {
		if a.err == nil {
			err = errors.Join(err, a.write(run))
		}
	}
	return err
}

// keeper is what writes a run in progress beside the result files; nil where there
// is none to write it beside.
func (o *outputs) keeper() (keep func(*results.Run)) {
	var all []*partial
	for _, a := range o.results {
		if a.partial != nil {
			all = append(all, a.partial)
		}
	}
	if len(all) == 0 {
		return nil
	}
	return func(run *results.Run) {
		for _, p := range all {
			p.keep(run)
		}
	}
}

// report prints the table of one scenario and keeps its runs for the other formats.
func (o *outputs) report(runs []results.Run, thresholds []results.Threshold, pareto []results.Metric) error {
	o.runs = append(o.runs, runs...)
	if !o.table {
		return nil
	}
	options := tableOptions(o.out)
	options.Thresholds, options.Pareto = thresholds, pareto
	return report.Table(o.out, runs, options)
}

// leave keeps the runs of one scenario for the table of its league.
func (o *outputs) leave(runs []results.Run) error {
	o.runs, o.league = append(o.runs, runs...), append(o.league, runs...)
	return nil
}

// leagues prints the tables of those that were left for them.
func (o *outputs) leagues() error {
	if !o.table || len(o.league) == 0 {
		return nil
	}
	options := tableOptions(o.out)
	options.LeftOut = o.without
	return report.League(o.out, o.league, options)
}

// writeTo writes the whole format at once: one that fails replaces nothing.
func (f formatted) writeTo(runs []results.Run) error {
	if f.w == nil {
		return f.writeParts(runs)
	}
	return whole(f.w, func(w io.Writer) error { return f.Write(w, runs, f.options) })
}

// writeParts writes a file for each part: of x, or x.hgrm, the files
// x.gcra.response.ok.hgrm and so on.
func (f formatted) writeParts(runs []results.Run) error {
	parts, err := f.Parts(runs)
	base := strings.TrimSuffix(f.path, "."+f.Name)
	for _, p := range parts {
		file, openErr := openDestination(base+"."+fileName(p.Name)+"."+f.Name, f.tell)
		if openErr != nil {
			return errors.Join(err, openErr)
		}
		err = errors.Join(err, whole(file, p.Write), file.Close())
	}
	return err
}

// fileName is a name without what would lead to another folder or upset a shell.
func fileName(name string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || unicode.IsControl(r) || strings.ContainsRune(`/\:*?"<>|`, r) {
			return '_'
		}
		return r
	}, name)
}

// whole writes all or nothing.
func whole(w io.Writer, write func(io.Writer) error) error {
	var text bytes.Buffer
	if err := write(&text); err != nil {
		return err
	}
	_, err := w.Write(text.Bytes())
	return err
}

// close writes the formats that need every run, then closes the files.
func (o *outputs) close() (err error) {
	for _, f := range o.formats {
		if len(o.runs) > 0 {
			err = errors.Join(err, f.writeTo(o.runs))
		}
	}
	if o.events != nil {
		err = errors.Join(err, o.events.Close())
	}
	for _, f := range o.files {
		err = errors.Join(err, f.Close())
	}
	return err
}
