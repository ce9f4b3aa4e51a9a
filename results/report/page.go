package report

import (
	"fmt"
	"strings"
)

// plainPage writes for a terminal.
type plainPage struct{ o Options }

func (p plainPage) heading(w *strings.Builder, title string, facts []string) {
	p.line(w, title)
	for _, fact := range facts {
		p.line(w, fact)
	}
}

func (p plainPage) caption(w *strings.Builder, text string) {
	w.WriteString("\n")
	p.line(w, text)
}

// line writes text that may be too long for one line.
func (p plainPage) line(w *strings.Builder, text string) {
	w.WriteString(Wrap(p.o.text(text), p.o.textWidth()))
}

func (p plainPage) grid(w *strings.Builder, g Grid) error { return g.WriteText(w, p.o) }

func (p plainPage) notes(w *strings.Builder, title string, lines []string) {
	if len(lines) == 0 {
		return
	}
	indent := ""
	if title == "" {
		w.WriteString("\n")
	} else {
		p.line(w, title)
		indent = "  "
	}
	for _, line := range lines {
		p.line(w, indent+line)
	}
}

// markdownPage writes for GitHub and its like.
type markdownPage struct{}

func (markdownPage) heading(w *strings.Builder, title string, facts []string) {
	fmt.Fprintf(w, "### %s\n\n%s\n", title, strings.Join(facts, "\\\n"))
}

func (markdownPage) caption(w *strings.Builder, text string) { fmt.Fprintf(w, "\n%s\n\n", text) }

func (markdownPage) grid(w *strings.Builder, g Grid) error { return g.WriteMarkdown(w) }

func (markdownPage) notes(w *strings.Builder, title string, lines []string) {
	if len(lines) == 0 {
		return
	}
	if title != "" {
		fmt.Fprintf(w, "\n**%s**\n", title)
	}
	w.WriteString("\n")
	for _, line := range lines {
		text := strings.TrimLeft(line, " ")
		fmt.Fprintf(w, "%s- %s\n", line[:len(line)-len(text)], text) // nested as the lines are indented
	}
}
