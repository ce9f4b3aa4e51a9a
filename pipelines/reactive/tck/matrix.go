package tck

import (
	"fmt"
	"slices"
	"strings"
)

// Column is what came of one subject.
type Column struct {
	Name     string
	Verdicts []Verdict
}

// Matrix is a table in Markdown, a rule on each line and a subject in each column, as
// returned by [Check], and below it why rules do not apply.
func Matrix(columns ...Column) string {
	var b strings.Builder
	b.WriteString("| rule | of the | ")
	for _, c := range columns {
		b.WriteString(c.Name + " | ")
	}
	b.WriteString("\n|---|---|" + strings.Repeat("---|", len(columns)) + "\n")
	var reasons []string
	for i, r := range Rules() {
		fmt.Fprintf(&b, "| %s %s | %s | ", r.Spec, r.Says, r.Part)
		for _, c := range columns {
			b.WriteString(c.Verdicts[i].cell(&reasons) + " | ")
		}
		b.WriteString("\n")
	}
	b.WriteString("\n")
	for i, why := range reasons {
		fmt.Fprintf(&b, "%d. n/a: %s\n", i+1, why)
	}
	return strings.ReplaceAll(b.String(), " \n", "\n")
}

// cell names the reason by its number, and adds it where it is new.
func (v Verdict) cell(reasons *[]string) string {
	switch {
	case v.Reason != "":
		i := slices.Index(*reasons, v.Reason)
		if i < 0 {
			i = len(*reasons)
			*reasons = append(*reasons, v.Reason)
		}
		return fmt.Sprintf("n/a (%d)", i+1)
	case len(v.Broken) > 0:
		return "**broken**"
	}
	return "✓"
}
