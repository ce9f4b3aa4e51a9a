package report

import (
	"cmp"
	"io"
	"strings"

	"github.com/olekukonko/tablewriter/pkg/twwidth"
)

// Term is a name and what it means, in a sentence.
type Term struct {
	Mark string // "" or one character that stands before the name
	Name string
	Text string
}

// leastText is how many columns of text are worth a column of their own.
const leastText = 30

// WriteTerms writes terms in two columns that together are at most width wide,
// or the text below the name where there is no room beside it.
func WriteTerms(w io.Writer, terms []Term, width int) error {
	column := 0
	for _, t := range terms {
		column = max(column, len("  ")+twwidth.Width(t.Name)+len("  "))
	}
	var out strings.Builder
	for _, t := range terms {
		name := cmp.Or(t.Mark, " ") + " " + t.Name
		if width-column < leastText {
			out.WriteString(name + "\n")
			for _, line := range broken(t.Text, width-6) {
				out.WriteString("      " + line + "\n")
			}
			continue
		}
		for i, line := range broken(t.Text, width-column) {
			if i > 0 {
				name = ""
			}
			out.WriteString(name + strings.Repeat(" ", column-twwidth.Width(name)) + line + "\n")
		}
	}
	_, err := io.WriteString(w, out.String())
	return err
}

// broken breaks text at blanks into lines of at most width columns. A word is
// never broken.
func broken(text string, width int) []string {
	return strings.Split(strings.TrimSuffix(wrapped(text, width, 0), "\n"), "\n")
}
