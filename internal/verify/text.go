package verify

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"math"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/fcbench/fcbench/internal/units"
	"github.com/fcbench/fcbench/limiters/conformance"
	"github.com/fcbench/fcbench/results/report"
)

// WriteText prints the matrix, and then every failure with the law that is
// broken and the smallest history found in which it is. Lines are as long as they are.
func (r *Report) WriteText(w io.Writer) error {
	return r.WriteWithin(w, report.Options{Width: unbounded})
}

const unbounded = math.MaxInt32

// WriteWithin prints the same in the width of a terminal.
func (r *Report) WriteWithin(w io.Writer, o report.Options) error {
	var text strings.Builder
	if err := r.matrix(&text, o); err != nil {
		return err
	}
	for line := range strings.Lines(r.findings()) {
		text.WriteString(report.Wrap(strings.TrimSuffix(line, "\n"), o.Width))
	}
	_, err := io.WriteString(w, text.String())
	return err
}

// findings are what there is to say beside the matrix.
func (r *Report) findings() string {
	var b strings.Builder
	if names := r.unfinished(); len(names) > 0 {
		fmt.Fprintf(&b, "interrupted: not examined to the end: %s\n", strings.Join(names, ", "))
	}
	for _, l := range r.Limiters {
		l.omissions(&b)
	}
	for _, l := range r.Limiters {
		l.failures(&b)
	}
	return b.String()
}

// matrix has a row per limiter and a column per category. Where there is no room for
// all, it goes without what a limiter says of itself, and is then cut in two.
func (r *Report) matrix(b *strings.Builder, o report.Options) error {
	g := report.Grid{Columns: []report.Column{
		{Head: "limiter", Text: true}, {Head: "version", Text: true, Rank: 4}, {Head: "held to", Text: true, Rank: 3}, {Head: "time", Text: true, Rank: 2},
	}}
	for _, c := range conformance.Categories() {
		g.Columns = append(g.Columns, report.Column{Head: string(c), Text: true, Cut: c == conformance.Concurrency})
	}
	for _, l := range r.Limiters {
		row := []string{l.Kind, l.Version, l.Algorithm, l.Time}
		for _, c := range conformance.Categories() {
			row = append(row, l.mark(c))
		}
		g.Rows = append(g.Rows, row)
	}
	if !slices.ContainsFunc(r.Limiters, func(l Limiter) bool { return l.Version != "" }) { // they are all our own
		g.Columns = slices.Delete(g.Columns, 1, 2)
		for i := range g.Rows {
			g.Rows[i] = slices.Delete(g.Rows[i], 1, 2)
		}
	}
	if err := g.WriteText(b, o); err != nil {
		return err
	}
	marks := []string{"✓ every rule holds", "✗ some rule is broken", "– no rule applies"}
	if strings.Contains(b.String(), partly) {
		marks = append(marks, partly+" n/m: n of m rules hold, the others could not be examined")
	}
	if r.Partial || slices.ContainsFunc(r.Limiters, func(l Limiter) bool { return l.Problem != "" }) {
		marks = append(marks, "… not run, or not to the end")
	}
	b.WriteString(abreast(marks, o.Width))
	return nil
}

// abreast sets texts beside each other, as many as a line holds.
func abreast(texts []string, width int) (lines string) {
	line := texts[0]
	for _, text := range texts[1:] {
		if longer := line + "   " + text; utf8.RuneCountInString(longer) <= width {
			line = longer
			continue
		}
		lines, line = lines+line+"\n", text
	}
	return lines + line + "\n"
}

// unfinished names the limiters of which not every rule was run.
func (r *Report) unfinished() (names []string) {
	for _, l := range r.Limiters {
		if l.unfinished() {
			names = append(names, l.Kind)
		}
	}
	return names
}

// partly marks a category of which not every rule could be examined.
const partly = "◐"

// mark sums up a category in a few runes.
func (l *Limiter) mark(c conformance.Category) string {
	switch l.Category(c) {
	case conformance.Pass:
		if held, all := l.share(c); held < all {
			return fmt.Sprintf("%s %d/%d", partly, held, all)
		}
		return "✓"
	case conformance.Fail:
		return "✗"
	case conformance.NotRun:
		return "…"
	}
	return "–"
}

// omissions says why rules could not be examined, the most frequent reason first.
func (l *Limiter) omissions(b *strings.Builder) {
	switch reason := l.unfit(); {
	case l.Problem != "" && len(l.Findings) > 0:
		fmt.Fprintf(b, "%s could not be examined to the end: %s\n", l.Kind, l.Problem)
	case l.Problem != "":
		fmt.Fprintf(b, "%s could not be examined: %s\n", l.Kind, l.Problem)
		return
	case reason != "":
		fmt.Fprintf(b, "%s was not examined: %s\n", l.Kind, reason)
		return
	}
	rules := map[string][]string{}
	for _, f := range l.Findings {
		if f.Unexamined {
			rules[f.Reason] = append(rules[f.Reason], f.Rule)
		}
	}
	for _, reason := range slices.SortedFunc(maps.Keys(rules), func(a, b string) int {
		return cmp.Or(len(rules[b])-len(rules[a]), strings.Compare(a, b))
	}) {
		fmt.Fprintf(b, "%s, not examined: %s: %s\n", l.Kind, fewOf(rules[reason]), reason)
	}
}

// fewOf names rules, if they are not too many.
func fewOf(rules []string) string {
	if len(rules) > 4 {
		return fmt.Sprintf("%d rules", len(rules))
	}
	return strings.Join(rules, ", ")
}

// failures prints what could be sent to the limiter's author as it is, the worst
// first.
func (l *Limiter) failures(b *strings.Builder) {
	for _, f := range l.Failures() {
		fmt.Fprintf(b, "\n%s breaks %s\n", l.title(), f.Rule)
		fmt.Fprintf(b, "  severity %s\n", f.Severity)
		fmt.Fprintf(b, "  law      %s\n", f.Law)
		if f.Limit != (conformance.Limit{}) {
			fmt.Fprintf(b, "  limit    %s, held to %s\n", limitWords(f.Limit), l.Algorithm)
		}
		fmt.Fprintf(b, "  finding  %s\n", f.Message)
		b.WriteString(f.History())
	}
}

// title names a limiter with its version.
func (l *Limiter) title() string { return strings.TrimSpace(l.Kind + " " + l.Version) }

func limitWords(l conformance.Limit) string {
	rate, err := units.NewRate(l.Rate, l.Period)
	switch {
	case err != nil || l.Rate == 0:
		return fmt.Sprintf("%d at once", l.Burst)
	case l.Burst == 0:
		return fmt.Sprintf("%d per %v", l.Rate, l.Period)
	}
	return fmt.Sprintf("%v, burst %d", rate, l.Burst)
}
