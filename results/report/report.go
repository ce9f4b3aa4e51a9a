// Package report writes runs for people and for other programs. Every format
// has a file here: the terminal table, the same table in Markdown, CSV with every
// metric, the result file itself, and the formats that benchstat and the
// HdrHistogram tools read. [Formats] lists them.
//
// The tables compare the trials of a scenario, one row each. A row holds the
// median over the trial's repeats; its spread stands beside it, so that no
// more is read into a difference than the repeats allow.
package report

import (
	"io"

	"github.com/fcbench/fcbench/results"
)

// Options are what a caller may choose. The zero Options are right for a file.
type Options struct {
	ASCII      bool                // no characters beyond ASCII in tables
	Color      bool                // colour verdicts, for a terminal
	Width      int                 // columns of a terminal table before it is cut in two; 0 means 120
	Thresholds []results.Threshold // held against every run, below the tables
	Pareto     []results.Metric    // of whose front the trials are listed below the table; none for no list
	Histogram  string              // hgrm: which histogram, such as "gcra.response.ok"
	Metric     string              // grid: of which metric; "" for that of the first threshold, or what there is
	CSV        bool                // grid: as CSV, not as Markdown
	LeftOut    []LeftOut           // league: what was not run, and why
}

// LeftOut is a scenario that a file has and that was not run.
type LeftOut struct{ Scenario, Why string }

func (l LeftOut) String() string { return l.Scenario + " is left out: " + l.Why }

// Format is a way to write runs, chosen by its name.
type Format struct {
	Name  string
	Doc   string
	Write func(w io.Writer, runs []results.Run, o Options) error
	// Parts are the files that a format consists of, of which Write writes the
	// one that is chosen; nil for a format that is one file.
	Parts func(runs []results.Run) ([]Part, error)
	// Choose sets what one file of the format is of, in KIND:CHOICE=FILE; nil for a
	// format that is of everything.
	Choose func(o *Options, choice string) error
	// Endings are those that a file of the format may have; none for any.
	Endings []string
}

// Part is one file of a format. Its name may be what a user called a trial.
type Part struct {
	Name  string
	Write func(w io.Writer) error
}

// Formats lists every format in the order of help texts.
func Formats() []Format {
	return []Format{
		{Name: "table", Doc: "comparison of subjects, for a terminal", Write: Table},
		{Name: "markdown", Doc: "the same comparison as a Markdown table", Write: Markdown},
		{Name: "csv", Doc: "one line per run, one column per metric", Write: CSV},
		{Name: "jsonl", Doc: "the result file: one run per line", Write: JSONL},
		{Name: "json", Doc: "the result file as one indented array", Write: JSON},
		{Name: "gobench", Doc: "Go benchmark format, read by benchstat", Write: GoBench},
		{Name: "hlog", Doc: "HdrHistogram V2 interval log, tagged by kind and outcome", Write: HdrLog},
		{
			Name: "hgrm", Doc: "percentile tables as HdrHistogram plotters read them: hgrm=x writes x.gcra.response.ok.hgrm and so on, hgrm:gcra.response.ok=x that one",
			Write: Hgrm, Parts: HgrmParts, Choose: chooseHistogram,
		},
		{Name: "league", Doc: "the goodput that every pipeline kept under every workload of a file, as a Markdown table", Write: LeagueMarkdown},
		{
			Name: "grid", Doc: "one metric of a sweep, its last path across and the others down: grid=x.md or grid=x.csv, or grid:throughput=x.md for a metric of choice",
			Write: Cross, Choose: chooseMetric, Endings: []string{".md", ".csv"},
		},
	}
}

func chooseHistogram(o *Options, choice string) error {
	o.Histogram = choice
	return nil
}

func chooseMetric(o *Options, choice string) error {
	o.Metric = choice
	_, err := results.MetricOf(choice)
	return err
}
