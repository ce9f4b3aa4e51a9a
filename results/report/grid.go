package report

import (
	"bytes"
	"io"
	"slices"
	"strings"

	"github.com/olekukonko/tablewriter"
	"github.com/olekukonko/tablewriter/renderer"
	"github.com/olekukonko/tablewriter/tw"
)

// Grid is a table of finished cells.
type Grid struct {
	Columns []Column
	Rows    [][]string
}

// Column is how a column of a [Grid] is headed and set.
type Column struct {
	Head  string // one or two lines
	Text  bool   // set to the left, as words are
	Tight bool   // one space before it on a terminal, not two
	Cut   bool   // a table too wide may be cut before it
	Keep  bool   // names the row: of the first columns, repeated where a table is cut; the very first always is
	Rank  int    // the higher, the sooner a table too wide goes without it; with 1 only where all rows say the same, with 0 never
}

// WriteText writes g for a terminal. Where it is wider than o allows, it goes
// without columns that may be missed, which it names below; then it is cut into
// several, each of which repeats the columns that name the rows; and where there
// is no room even for that, each row becomes a paragraph.
func (g Grid) WriteText(w io.Writer, o Options) error {
	g = g.each(o.text)
	l := g.fit(o.width())
	if l.stacked {
		return g.writeStacked(w, o.width())
	}
	for i, part := range l.parts {
		if i > 0 {
			if _, err := io.WriteString(w, "\n"); err != nil {
				return err
			}
		}
		if err := part.spaced().render(w, tw.PaddingNone, ruled(o.rule())); err != nil {
			return err
		}
	}
	_, err := io.WriteString(w, l.missing(len(g.Rows), o.textWidth()))
	return err
}

// missing says what a table of so many rows goes without.
func (l layout) missing(rows, width int) (text string) {
	said := "The same in all rows: "
	if rows == 1 {
		said = "And: "
	}
	if len(l.alike) > 0 {
		text += wrapParts(said, l.alike, ".", width)
	}
	if len(l.left) > 0 {
		text += wrapParts("No room for: ", l.left, ".", width)
	}
	return text
}

// writeStacked writes a paragraph per row: its names, and below them the
// columns that say something.
func (g Grid) writeStacked(w io.Writer, width int) error {
	var out strings.Builder
	names := g.names()
	for _, row := range g.Rows {
		out.WriteString(Crop(strings.Join(row[:len(names)], " "), width) + "\n")
		var told []string
		for i := len(names); i < len(row); i++ {
			if row[i] != "" {
				told = append(told, g.Columns[i].title()+" "+row[i])
			}
		}
		out.WriteString(wrapParts("  ", told, "", width))
	}
	_, err := io.WriteString(w, out.String())
	return err
}

func (o Options) rule() tw.BorderStyle {
	if o.ASCII {
		return tw.StyleASCII
	}
	return tw.StyleLight
}

// ruled is a look without borders, with a rule under the head.
func ruled(style tw.BorderStyle) tablewriter.Option {
	return tablewriter.WithRendition(tw.Rendition{
		Borders: tw.BorderNone,
		Symbols: tw.NewSymbols(style),
		Settings: tw.Settings{
			Separators: tw.Separators{BetweenColumns: tw.Off, BetweenRows: tw.Off, ShowHeader: tw.On},
			Lines:      tw.Lines{ShowHeaderLine: tw.On},
		},
	})
}

// WriteMarkdown writes g as one Markdown table.
func (g Grid) WriteMarkdown(w io.Writer) error {
	flat := Grid{Columns: slices.Clone(g.Columns), Rows: g.Rows}
	for i, c := range g.Columns {
		flat.Columns[i].Head = strings.ReplaceAll(c.Head, "\n", " ")
	}
	return flat.each(escapeMarkdown).render(w, tw.PaddingDefault, tablewriter.WithRenderer(renderer.NewMarkdown()))
}

func (g Grid) render(w io.Writer, padding tw.Padding, look tablewriter.Option) error {
	var buf bytes.Buffer
	table := tablewriter.NewTable(&buf, tablewriter.WithConfig(g.config(padding)), look)
	table.Header(g.heads())
	for _, row := range g.Rows {
		if err := table.Append(row); err != nil {
			return err
		}
	}
	if err := table.Render(); err != nil {
		return err
	}
	_, err := w.Write(trimLines(buf.Bytes()))
	return err
}

func (g Grid) config(padding tw.Padding) tablewriter.Config {
	section := tw.CellConfig{
		Formatting: tw.CellFormatting{AutoFormat: tw.Off, AutoWrap: tw.WrapNone},
		Padding:    tw.CellPadding{Global: padding},
	}
	for _, c := range g.Columns {
		align := tw.AlignRight
		if c.Text {
			align = tw.AlignLeft
		}
		section.Alignment.PerColumn = append(section.Alignment.PerColumn, align)
	}
	return tablewriter.Config{Header: section, Row: section, Behavior: tw.Behavior{TrimSpace: tw.Off}}
}

// spaced has the columns' gaps in the cells, because a padding per column is
// not what tablewriter measures by.
func (g Grid) spaced() Grid {
	out := g.each(func(s string) string { return s })
	for i, c := range out.Columns[1:] {
		column := i + 1
		out.Columns[column].Head = c.gap() + strings.ReplaceAll(c.Head, "\n", "\n"+c.gap())
		for _, row := range out.Rows {
			row[column] = c.gap() + row[column]
		}
	}
	return out
}

// gap stands before the column on a terminal.
func (c Column) gap() string {
	if c.Tight {
		return " "
	}
	return "  "
}

// heads are the columns' heads; those of one line move to the second if
// another has two.
func (g Grid) heads() []string {
	twoLines := slices.ContainsFunc(g.Columns, func(c Column) bool { return strings.Contains(c.Head, "\n") })
	var out []string
	for _, c := range g.Columns {
		if twoLines && !strings.Contains(c.Head, "\n") {
			c.Head = "\n" + c.Head
		}
		out = append(out, c.Head)
	}
	return out
}

// each is g with every cell changed.
func (g Grid) each(change func(string) string) Grid {
	out := Grid{Columns: slices.Clone(g.Columns)}
	for i := range out.Columns {
		out.Columns[i].Head = change(out.Columns[i].Head)
	}
	for _, row := range g.Rows {
		cells := slices.Clone(row)
		for i := range cells {
			cells[i] = change(cells[i])
		}
		out.Rows = append(out.Rows, cells)
	}
	return out
}

// escapeMarkdown keeps a cell from ending early.
func escapeMarkdown(s string) string {
	return strings.NewReplacer("|", `\|`, "\r\n", "<br>", "\n", "<br>").Replace(s)
}

// trimLines removes the padding behind the last column.
func trimLines(table []byte) []byte {
	var out bytes.Buffer
	for line := range bytes.Lines(table) {
		out.Write(bytes.TrimRight(line, " \n"))
		out.WriteByte('\n')
	}
	return out.Bytes()
}
