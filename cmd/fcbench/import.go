package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/fcbench/fcbench/results"
	"github.com/fcbench/fcbench/results/imported"
)

// importOptions are the flags of import.
type importOptions struct {
	imported.Options
	unit   string
	output string
}

func newImport(s streams) *cobra.Command {
	o := &importOptions{}
	c := &cobra.Command{
		Use:   "import TOOL FILE...",
		Short: "Read results of other load generators, to compare them",
		Long: `Import reads what other load generators wrote into a result file, of which compare
and trend make use. Several files of one tool are repeats of one run, in their order.

` + importedTools() + `
What a file does not say is null, and never 0. Times that run from when a request was
sent are service times; only wrk2 times from when it was due. Whether the tool was
itself the bottleneck nobody knows: imported runs are suspect, as not judged.`,
		Example: `  fcbench import k6 monday.json -o monday.jsonl
  fcbench import vegeta 1.ndjson 2.ndjson 3.ndjson 4.ndjson --trial before -o before.jsonl
  fcbench import hgrm latency.hgrm --unit ms --histogram response.ok -o latency.jsonl`,
		Args: cobra.MinimumNArgs(2),
		RunE: func(_ *cobra.Command, args []string) error { return o.run(s, args[0], args[1:]) },
	}
	f := c.Flags()
	f.StringVar(&o.Scenario, "scenario", "imported", "what the scenario is called")
	f.StringVar(&o.Trial, "trial", "", "what the trial is called (default: the tool)")
	f.StringVar(&o.Histogram, "histogram", "", "of an .hgrm that does not say it: response.ok, service.ok or the like")
	f.StringVar(&o.unit, "unit", "", "of the values of an .hgrm that does not say it: ns, us, ms or s")
	f.StringVarP(&o.output, "output", "o", "-", "result file; - for stdout")
	return c
}

// importedTools lists them.
func importedTools() string {
	var b strings.Builder
	for _, t := range imported.Tools() {
		fmt.Fprintf(&b, "  %-8s%s\n", t.Name, t.Doc)
	}
	return b.String()
}

func (o *importOptions) run(s streams, name string, files []string) error {
	tool, err := o.check(name, files)
	if err != nil {
		return usage(err)
	}
	var runs []*results.Run
	var errs error
	for i, file := range files {
		o.Repeat = i + 1
		run, err := o.read(tool, file)
		errs = errors.Join(errs, err)
		runs = append(runs, run)
	}
	if errs != nil {
		return usage(errs)
	}
	return o.write(s, runs)
}

// check says everything that is wrong with the command line.
func (o *importOptions) check(name string, files []string) (tool imported.Tool, err error) {
	var names []string
	for _, t := range imported.Tools() {
		if names = append(names, t.Name); t.Name == name {
			tool = t
		}
	}
	if tool.Name == "" {
		err = fmt.Errorf("tool is %q; want one of %s", name, strings.Join(names, ", "))
	}
	known := map[string]time.Duration{"": 0, "ns": 1, "us": time.Microsecond, "µs": time.Microsecond, "ms": time.Millisecond, "s": time.Second}
	unit, ok := known[o.unit]
	if o.Unit = unit; !ok {
		err = errors.Join(err, fmt.Errorf("--unit is %q; want ns, us, ms or s", o.unit))
	}
	if tool.Name != "" && tool.Name != "hgrm" && (o.unit != "" || o.Histogram != "") {
		err = errors.Join(err, fmt.Errorf("--unit and --histogram stand beside %s, whose files say both; want them left out", name))
	}
	seen := map[string]bool{o.output: true}
	for _, file := range files {
		if seen[file] {
			err = errors.Join(err, fmt.Errorf("file %s is named twice; want every file once", file))
		}
		seen[file] = true
	}
	return tool, err
}

func (o *importOptions) read(tool imported.Tool, file string) (*results.Run, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return tool.Read(f, file, o.Options)
}

func (o *importOptions) write(s streams, runs []*results.Run) error {
	if orStdout(o.output) == "-" {
		return writeRuns(s.out, runs)
	}
	return writeFile(s, o.output, func(w io.Writer) error { return writeRuns(w, runs) })
}

func writeRuns(w io.Writer, runs []*results.Run) error {
	for _, run := range runs {
		if err := results.WriteRun(w, run); err != nil {
			return err
		}
	}
	return nil
}
