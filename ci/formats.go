package ci

import (
	"io"
	"strings"

	"github.com/fcbench/fcbench/results/report"
)

// Format is a way to write a verdict, chosen by its name.
type Format struct {
	Name  string
	Doc   string
	Write func(w io.Writer, v *Verdict) error
}

// Formats lists every format.
func Formats() []Format {
	return []Format{
		{"table", "for a terminal", func(w io.Writer, v *Verdict) error { return Table(w, v, report.Options{}) }},
		{"markdown", "a comment of a pull request, or a summary", Markdown},
		{"html", "one page, with the runs drawn, that needs nothing else", HTML},
		{"json", "the verdict file", func(w io.Writer, v *Verdict) error { return v.Write(w) }},
		{"csv", "one line per claim", CSV},
		{"gobench", "Go benchmark format: benchstat -col /side", GoBench},
		{"junit", "a test case per claim", JUnit},
		{"sarif", "SARIF 2.1.0, at the lines of the policy", SARIF},
		{"github", "annotations of GitHub", GitHub},
		{"codequality", "code quality of GitLab", CodeQuality},
		{"openmetrics", "OpenMetrics, also the metrics report of GitLab", OpenMetrics},
		{"bmf", "Bencher metric format", BMF},
		{"gha-smaller", "customSmallerIsBetter of github-action-benchmark", benchmarkAction("lower")},
		{"gha-bigger", "customBiggerIsBetter of github-action-benchmark", benchmarkAction("higher")},
	}
}

// FormatOf is the format of that name.
func FormatOf(name string) (Format, bool) {
	for _, f := range Formats() {
		if f.Name == name {
			return f, true
		}
	}
	return Format{}, false
}

// Kinds lists the names of formats.
func Kinds() string {
	var names []string
	for _, f := range Formats() {
		names = append(names, f.Name)
	}
	return strings.Join(names, ", ")
}
