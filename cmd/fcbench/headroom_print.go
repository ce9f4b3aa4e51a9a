package main

import (
	"fmt"
	"io"
	"math"
	"strings"
	"time"
	"unicode"

	"github.com/fcbench/fcbench/internal/capacity"
	"github.com/fcbench/fcbench/internal/headroom"
	"github.com/fcbench/fcbench/internal/units"
)

// print prints what was found in lines of 80 columns, but for long names of files.
func (f headroomFound) print(w io.Writer) {
	if f.Traffic != nil {
		f.Traffic.print(w)
	}
	if f.Capacity != nil {
		f.Capacity.print(w, f.Scale != nil)
	}
	if f.Ratio != nil {
		fmt.Fprintf(w, "headroom   %.3g times the peak by the lower end%s\n", f.Ratio.Low, byUpper(f.Ratio.High, f.Ratio.Low, "%.3g"))
	}
	if f.Weeks != nil {
		fmt.Fprintf(w, "exhausted  %s at %.3g %% a week%s\n", weeksWords(f.Weeks.Low), 100*f.Growth, byUpper(f.Weeks.High, f.Weeks.Low, "%.3g weeks"))
	}
	if n := f.Needed; n != nil {
		fmt.Fprintf(w, "instances  %d needed for the peak, each used up to %.4g %%", n.High, 100*f.Use)
		if n.Low > 0 {
			fmt.Fprint(w, byUpper(float64(n.Low), float64(n.High), "%.0f"))
		}
		fmt.Fprintln(w)
	}
	if f.NotTold != "" {
		fmt.Fprintf(w, "instances  %s\n", wrappedWords(f.NotTold))
	}
	if f.Cost != nil {
		f.Cost.print(w, f.Use)
	}
	if f.Scale != nil {
		f.Scale.print(w)
	}
}

func (t observedTraffic) print(w io.Writer) {
	fmt.Fprintf(w, "traffic    peak %s, the highest of %d intervals of %s\n", perSecond(t.Peak), t.Intervals, widthWords(t.Width))
	fmt.Fprintf(w, "           at %s; 99 %% of them at most %s, mean %s\n", t.PeakAt, perSecond(t.P99), perSecond(t.Mean))
	if t.Missing > 0 {
		fmt.Fprintf(w, "           %d intervals are missing, of which nothing is known\n", t.Missing)
	}
	for _, text := range t.Warnings {
		fmt.Fprintf(w, "           %s\n", wrappedWords("warning: "+text))
	}
	for _, text := range t.Infos {
		fmt.Fprintf(w, "           %s\n", wrappedWords("note: "+text))
	}
}

func (c headroomCapacity) print(w io.Writer, scaled bool) {
	takes := rateEnds(c.PerSecond)
	switch {
	case math.IsInf(c.PerSecond.High, 1):
		takes = "at least " + perSecond(c.PerSecond.Low)
	case c.PerSecond.Low == c.PerSecond.High:
		takes = perSecond(c.PerSecond.Low) + ", of which no interval is known"
	}
	if c.Confidence > 0 && (c.Instances == 1 || !scaled) {
		takes += fmt.Sprintf(" (%.4g %%)", 100*c.Confidence)
	}
	if c.Strategy == capacity.MLRsearch {
		takes += " (classified)"
	}
	fmt.Fprintf(w, "capacity   %s, by %s\n", takes, c.Source)
	switch {
	case c.Instances > 1 && scaled:
		fmt.Fprintf(w, "           of %d instances\n", c.Instances)
	case c.Instances > 1:
		fmt.Fprintf(w, "           of %d instances, if they do not slow each other down (--scale)\n", c.Instances)
	}
}

func (c headroomCost) print(w io.Writer, use float64) {
	fmt.Fprintf(w, "cost       %.4g %s a million requests%s\n", c.PerMillion.High, c.Currency, byUpper(c.PerMillion.Low, c.PerMillion.High, "%.4g"))
	fmt.Fprintf(w, "           on %d instance%s at %.6g %s an hour, used up to %.4g %%\n", c.Instances, plural(c.Instances), c.PerHour, c.Currency, 100*use)
}

// byUpper is what comes out by the upper end of the capacity, where that is another.
func byUpper(v, lower float64, format string) string {
	if v == lower || math.IsInf(v, 0) || math.IsNaN(v) {
		return ""
	}
	return fmt.Sprintf(" ("+format+" by the upper)", v)
}

// weeksWords say when.
func weeksWords(weeks float64) string {
	if weeks < 0 {
		return fmt.Sprintf("already, for %.3g weeks", -weeks)
	}
	return fmt.Sprintf("in %.3g weeks", weeks)
}

// widthWords writes a width as durations are written.
func widthWords(v float64) string {
	if v >= 1e9 {
		return fmt.Sprintf("%.3g s", v)
	}
	return units.Duration(time.Duration(math.Round(v*1e3)) * time.Millisecond).String()
}

// perSecond writes a rate as rates are written, in four places and more.
func perSecond(v float64) string {
	switch {
	case v >= 1e6:
		return fmt.Sprintf("%.5gM/s", v/1e6)
	case v >= 1e3:
		return fmt.Sprintf("%.0f/s", v)
	}
	return fmt.Sprintf("%.4g/s", v)
}

// rateEnds writes an interval of them.
func rateEnds(i headroom.Interval) string { return perSecond(i.Low) + " to " + perSecond(i.High) }

// wrappedWords breaks a text into lines of what is left of 80 columns beside the first
// word, without what would upset a terminal.
func wrappedWords(text string) string {
	const indent, most = "\n           ", 80 - 11
	var b strings.Builder
	length := 0
	for i, word := range strings.Fields(text) {
		word = strings.Map(func(r rune) rune {
			if !unicode.IsGraphic(r) {
				return '?'
			}
			return r
		}, word)
		n := len([]rune(word))
		switch {
		case i > 0 && length+1+n > most:
			b.WriteString(indent)
			length = 0
		case i > 0:
			b.WriteByte(' ')
			length++
		}
		b.WriteString(word)
		length += n
	}
	return b.String()
}
