package verify

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/fcbench/fcbench/internal/units"
	"github.com/fcbench/fcbench/limiters/conformance"
)

// WriteText prints the matrix, and then every failure with the law that is
// broken and the smallest history found in which it is.
func (r *Report) WriteText(w io.Writer) error {
	var b strings.Builder
	r.matrix(&b)
	if names := r.unfinished(); len(names) > 0 {
		fmt.Fprintf(&b, "interrupted: not examined to the end: %s\n", strings.Join(names, ", "))
	}
	for _, l := range r.Limiters {
		l.omissions(&b)
	}
	for _, l := range r.Limiters {
		l.failures(&b)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// matrix has a row per limiter and a column per category.
func (r *Report) matrix(b *strings.Builder) {
	head := []string{"limiter", "version", "held to", "time"}
	for _, c := range conformance.Categories() {
		head = append(head, string(c))
	}
	rows := [][]string{head}
	for _, l := range r.Limiters {
		row := []string{l.Kind, l.Version, l.Algorithm, l.Time}
		for _, c := range conformance.Categories() {
			row = append(row, l.mark(c))
		}
		rows = append(rows, row)
	}
	align(b, rows)
	b.WriteString("✓ every rule holds   ✗ some rule is broken   – no rule applies")
	if strings.Contains(b.String(), partly) {
		b.WriteString("   " + partly + " n/m: n of m rules hold, the others could not be examined")
	}
	if r.Partial || slices.ContainsFunc(r.Limiters, func(l Limiter) bool { return l.Problem != "" }) {
		b.WriteString("   … not run, or not to the end")
	}
	b.WriteString("\n")
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

// align writes rows in columns as wide as their widest cell, in runes.
func align(b *strings.Builder, rows [][]string) {
	widths := make([]int, len(rows[0]))
	for _, row := range rows {
		for i, cell := range row {
			widths[i] = max(widths[i], utf8.RuneCountInString(cell))
		}
	}
	for _, row := range rows {
		line := ""
		for i, cell := range row {
			line += cell + strings.Repeat(" ", widths[i]-utf8.RuneCountInString(cell)+2)
		}
		b.WriteString(strings.TrimRight(line, " ") + "\n")
	}
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
