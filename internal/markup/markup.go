// Package markup writes HTML and SVG in which nothing that was given is ever markup:
// text and the values of attributes are escaped, whatever they hold, and elements are
// closed by whoever opened them. What it writes is XML as well.
//
// It takes the place of html/template, which calls methods by their names, so that the
// linker can leave out none of any type: with it the program has 32 MB instead of 23.
package markup

import (
	"html"
	"strconv"
	"strings"
	"unicode"
)

// Writer is a document that is being written.
type Writer struct{ b strings.Builder }

// In writes an element with what body writes in it. Attributes are names and values in
// turn; names of elements and attributes are the program's own.
func (w *Writer) In(name string, body func(), attributes ...string) {
	w.begin(name, attributes)
	w.b.WriteByte('>')
	body()
	w.b.WriteString("</" + name + ">")
}

// Leaf writes an element that holds text alone.
func (w *Writer) Leaf(name, text string, attributes ...string) {
	w.In(name, func() { w.Text(text) }, attributes...)
}

// Void writes an element that holds nothing, such as br, or the shapes of SVG.
func (w *Writer) Void(name string, attributes ...string) {
	w.begin(name, attributes)
	w.b.WriteString("/>")
}

// Text writes text.
func (w *Writer) Text(text string) { w.b.WriteString(escape(text)) }

// Document begins a document of HTML.
func (w *Writer) Document() { w.b.WriteString("<!DOCTYPE html>\n") }

// Style writes a style sheet of the program's own, which has neither < nor &.
func (w *Writer) Style(sheet string) {
	w.b.WriteString("<style>\n" + sheet + "</style>")
}

// String is what was written so far.
func (w *Writer) String() string { return w.b.String() }

func (w *Writer) begin(name string, attributes []string) {
	w.b.WriteString("<" + name)
	for i := 0; i+1 < len(attributes); i += 2 {
		w.b.WriteString(" " + attributes[i] + `="` + escape(attributes[i+1]) + `"`)
	}
}

// escape leaves of a text what a document can hold, and none of it markup. What is no
// character, or would turn the direction of those around it, has the sign of that.
func escape(text string) string {
	return html.EscapeString(strings.Map(func(r rune) rune {
		switch {
		case r == '\n', r == '\t':
			return r
		case unicode.IsControl(r), unicode.Is(unicode.Bidi_Control, r), r == 0xFFFE, r == 0xFFFF:
			return unicode.ReplacementChar
		}
		return r
	}, strings.ToValidUTF8(text, string(unicode.ReplacementChar))))
}

// Num is a length or a place in a drawing, to a tenth of a unit.
func Num(v float64) string {
	text := strconv.FormatFloat(v, 'f', 1, 64)
	if text = strings.TrimSuffix(text, ".0"); text == "-0" {
		return "0"
	}
	return text
}
