package ci

import (
	"io"

	"github.com/fcbench/fcbench/internal/formats"
	"github.com/fcbench/fcbench/results/report"
)

// Formats lists every format of a verdict.
func Formats() formats.List[*Verdict] {
	return formats.List[*Verdict]{
		{Name: "table", Doc: "for a terminal", Ending: ".txt", Write: table},
		{Name: "markdown", Doc: "a comment of a pull request, or a summary", Ending: ".md", Write: formats.Plain(Markdown)},
		{Name: "html", Doc: "one page, with the runs drawn, that needs nothing else", Ending: ".html", Write: formats.Plain(HTML)},
		{Name: "json", Doc: "the verdict file", Ending: ".json", Write: formats.Plain(func(w io.Writer, v *Verdict) error { return v.Write(w) })},
		{Name: "csv", Doc: "one line per claim", Ending: ".csv", Write: formats.Plain(CSV)},
		{Name: "gobench", Doc: "Go benchmark format: benchstat -col /side", Write: formats.Plain(GoBench)},
		{Name: "junit", Doc: "a test case per claim", Ending: ".xml", Write: formats.Plain(JUnit)},
		{Name: "sarif", Doc: "SARIF 2.1.0, at the lines of the policy", Ending: ".sarif", Write: formats.Plain(SARIF)},
		{Name: "github", Doc: "annotations of GitHub", Write: formats.Plain(GitHub)},
		{Name: "codequality", Doc: "code quality of GitLab", Write: formats.Plain(CodeQuality)},
		{Name: "openmetrics", Doc: "OpenMetrics, also the metrics report of GitLab", Write: formats.Plain(OpenMetrics)},
		{Name: "bmf", Doc: "Bencher metric format", Write: formats.Plain(BMF)},
		{Name: "gha-smaller", Doc: "customSmallerIsBetter of github-action-benchmark", Write: formats.Plain(benchmarkAction("lower"))},
		{Name: "gha-bigger", Doc: "customBiggerIsBetter of github-action-benchmark", Write: formats.Plain(benchmarkAction("higher"))},
	}
}

func table(w io.Writer, v *Verdict, o formats.Options) error {
	return Table(w, v, report.Options{Color: o.Color, Width: o.Width})
}
