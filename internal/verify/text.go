package verify

import (
	"fmt"
	"io"
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
		if reason := l.unfit(); reason != "" {
			fmt.Fprintf(&b, "%s was not examined: %s\n", l.Kind, reason)
		}
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
			row = append(row, mark(l.Category(c)))
		}
		rows = append(rows, row)
	}
	align(b, rows)
	b.WriteString("✓ every rule holds   ✗ some rule is broken   – no rule applies")
	if r.Partial {
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

func mark(s conformance.Status) string {
	switch s {
	case conformance.Pass:
		return "✓"
	case conformance.Fail:
		return "✗"
	case conformance.NotRun:
		return "…"
	}
	return "–"
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

// failures prints what could be sent to the limiter's author as it is.
func (l *Limiter) failures(b *strings.Builder) {
	for _, f := range l.Failures() {
		fmt.Fprintf(b, "\n%s breaks %s\n", l.title(), f.Rule)
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
