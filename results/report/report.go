// Package report writes runs for people and for other programs. Every format
// is one file: the terminal table, the same table in Markdown, CSV with every
// metric, the result file itself, and the formats that benchstat and the
// HdrHistogram tools read. [Formats] lists them.
//
// The tables compare the trials of a scenario, one row each. A row holds the
// median over the trial's repeats; its spread stands beside it, so that nobody
// reads more into a difference than the repeats allow.
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
	Histogram  string              // .hgrm: one histogram alone, such as "response.ok"; "" means all
}

// Format is a way to write runs, chosen by its name.
type Format struct {
	Name  string
	Doc   string
	Write func(w io.Writer, runs []results.Run, o Options) error
}

// Formats lists every format in the order of help texts.
func Formats() []Format {
	return []Format{
		{"table", "comparison of subjects, for a terminal", Table},
		{"markdown", "the same comparison as a Markdown table", Markdown},
		{"csv", "one line per run, one column per metric", CSV},
		{"jsonl", "the result file: one run per line", JSONL},
		{"json", "the result file as one indented array", JSON},
		{"gobench", "Go benchmark format, read by benchstat", GoBench},
		{"hlog", "HdrHistogram V2 interval log, tagged by kind and outcome", HdrLog},
		{"hgrm", "percentile tables as HdrHistogram plotters read them", Hgrm},
	}
}
