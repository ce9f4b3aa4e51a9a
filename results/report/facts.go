package report

import (
	"slices"
	"unicode/utf8"

	"github.com/olekukonko/tablewriter/pkg/twwidth"
)

// A heading has a title and so many lines of facts in the usual width, so that
// the table below it stays in sight. A fact longer than one could be is cut.
const (
	factLines  = 4
	factLength = 100
)

// facts sets the facts in lines: each group in lines of its own where there is
// room, else one after the other, and if need be without the last of the
// workload, for the result file has them all.
func facts(width int, workload, conduct, machine []string) []string {
	most := (factLines*defaultWidth + width - 1) / width
	for kept := len(workload); ; kept-- {
		told := workload[:kept]
		if kept < len(workload) {
			told = append(slices.Clone(told), "…")
		}
		lines := slices.Concat(flow(told, width), flow(conduct, width), flow(machine, width))
		if len(lines) > most {
			lines = flow(slices.Concat(told, conduct, machine), width)
		}
		if len(lines) <= most || kept <= 1 {
			return lines
		}
	}
}

// flow joins facts into lines that are broken between facts.
func flow(facts []string, width int) []string {
	var lines []string
	for _, fact := range facts {
		fact = Crop(Plain(fact), factLength)
		last := len(lines) - 1
		switch {
		case last < 0:
			lines = append(lines, fact)
		case twwidth.Width(lines[last])+len(", ,")+twwidth.Width(fact) > width:
			lines[last] += ","
			lines = append(lines, fact)
		default:
			lines[last] += ", " + fact
		}
	}
	return lines
}

// Crop is text that takes at most width columns of a terminal: where there is
// more of it, it ends in "…".
func Crop(text string, width int) string {
	if twwidth.Width(text) <= width {
		return text
	}
	end := 0
	for i, r := range text {
		next := i + utf8.RuneLen(r)
		if twwidth.Width(text[:next]) >= width { // "…" takes one
			break
		}
		end = next
	}
	if width < 1 {
		return ""
	}
	return text[:end] + "…"
}
