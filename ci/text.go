package ci

import (
	"fmt"
	"math"

	"github.com/fcbench/fcbench/results"
	"github.com/fcbench/fcbench/results/report"
)

// Text is a change of the claim in words: "+8.4%", or in the metric's unit.
func (f *Finding) Text(change float64) string {
	switch {
	case math.IsInf(change, 0) || math.IsNaN(change):
		return "?"
	case f.Relative:
		return fmt.Sprintf("%+.1f%%", 100*change)
	case f.Unit == results.UnitShare || f.Unit == results.UnitRatio:
		return fmt.Sprintf("%+.2fpp", 100*change)
	case change < 0:
		return "-" + f.Value(-change)
	}
	return "+" + f.Value(change)
}

// Value is a value of the claim in words.
func (f *Finding) Value(v float64) string { return report.Quantity(v, f.Unit) }

// Interval is the change's, in words.
func (f *Finding) Interval() string {
	if f.Exact || f.N == 0 {
		return ""
	}
	return fmt.Sprintf("[%s, %s]", f.end(f.Low, "-∞"), f.end(f.High, "∞"))
}

func (f *Finding) end(v *float64, none string) string {
	if v == nil {
		return none
	}
	return f.Text(*v)
}

// Said is the finding in one line.
func (f *Finding) Said() string {
	if f.Verdict == NoData || f.N == 0 {
		return fmt.Sprintf("%s %s: %s", f.Verdict, f.ID, f.Reason)
	}
	text := fmt.Sprintf("%s %s: %s → %s, %s", f.Verdict, f.ID, f.Value(f.A), f.Value(f.B), f.Text(f.Change))
	if i := f.Interval(); i != "" {
		text += " " + i
	}
	text += ", margin " + f.limit()
	if f.P < 1 {
		text += fmt.Sprintf(", p=%.2g", f.P)
	}
	if f.Reason != "" {
		text += ": " + f.Reason
	}
	return text
}

// limit is the margin, and the difference that is none however large its share.
func (f *Finding) limit() string {
	if f.Floor == 0 {
		return f.Margin
	}
	return fmt.Sprintf("%s, %s", f.Margin, f.Value(f.Floor))
}
