package report

import (
	"strings"

	"github.com/olekukonko/tablewriter/pkg/twwidth"
)

const defaultWidth = 120

// textWidth is that of what is read line by line, however wide the terminal is.
func (o Options) textWidth() int { return min(o.width(), defaultWidth) }

func (o Options) width() int {
	if o.Width == 0 {
		return defaultWidth
	}
	return o.Width
}

// text fits a string to the terminal: without o's leave, nothing beyond ASCII
// that we ourselves wrote. Names are the user's and stay.
func (o Options) text(s string) string {
	if !o.ASCII {
		return s
	}
	return strings.NewReplacer("±", "+-", "µs", "us", "✓", "ok", "✗", "NO", "…", "...", "≤", "<=", "≥", ">=", "∞", "inf").Replace(s)
}

// The colours of verdicts, as SGR parameters.
const (
	bad   = "31"
	doubt = "33"
	good  = "32"
	grey  = "2" // faint: fainter than the text on light and dark alike
)

// paint colours s if o asks for colour.
func (o Options) paint(s, color string) string {
	if !o.Color {
		return s
	}
	return "\x1b[" + color + "m" + s + "\x1b[0m"
}

// faint is for a number that the reader should not lean on: grey where there is
// colour, in brackets where there is none.
func (o Options) faint(s string) string {
	if o.Color {
		return o.paint(s, grey)
	}
	return "(" + s + ")"
}

// Wrap breaks text at blanks into lines of at most width columns, of which all
// but the first stand four further in than the text. A word is never broken.
func Wrap(text string, width int) string { return wrapped(text, width, 4) }

// wrapped is Wrap with another indent of the later lines.
func wrapped(text string, width, further int) string {
	words := strings.TrimLeft(text, " ")
	indent := text[:len(text)-len(words)]
	next := "\n" + indent + strings.Repeat(" ", further)
	var out strings.Builder
	out.WriteString(indent)
	used := len(indent)
	for i, word := range strings.Split(words, " ") {
		need := twwidth.Width(word)
		switch {
		case i == 0:
		case used+1+need > width:
			out.WriteString(next)
			used = len(next) - 1
		default:
			out.WriteString(" ")
			used++
		}
		out.WriteString(word)
		used += need
	}
	return out.String() + "\n"
}

// wrapParts lists parts behind a word or two, and breaks lines between them only.
func wrapParts(said string, parts []string, end string, width int) string {
	const unbroken = "\u00a0"
	text := said + strings.ReplaceAll(strings.Join(parts, ",\n"), " ", unbroken) + end
	return strings.ReplaceAll(Wrap(strings.ReplaceAll(text, "\n", " "), width), unbroken, " ")
}
