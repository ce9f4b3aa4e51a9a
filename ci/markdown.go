package ci

import (
	"fmt"
	"io"
	"strings"

	"github.com/fcbench/fcbench/results/report"
)

// mostComment is the largest comment that GitHub takes, in characters. What is longer
// loses its details, then its passes; what did not pass is named as far as it fits.
const mostComment = 65_536

// Marker is how a comment of the gate is found again, to be replaced.
func (v *Verdict) Marker() string { return "<!-- fcbench:gate:" + plainName(v.Gate) + " -->" }

// plainName keeps a name within a comment of HTML.
func plainName(name string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', strings.ContainsRune("._/", r):
			return r
		}
		return '_'
	}, name)
}

// Markdown writes the verdict for a comment of a pull request, or a summary.
func Markdown(w io.Writer, v *Verdict) error {
	var head strings.Builder
	fmt.Fprintf(&head, "%s\n### %s fcbench gate %s: %s\n\n", v.Marker(), sign(v.Verdict), escape(v.Gate), escape(v.Headline()))
	fmt.Fprintf(&head, "a: %s · b: %s", escape(v.A), escape(v.B))
	if v.Of > 0 {
		fmt.Fprintf(&head, " · %d of at most %d pairs, seed %d", v.Pairs, v.Of, v.Seed)
	}
	head.WriteString("\n\n")
	for _, r := range v.Reasons {
		fmt.Fprintf(&head, "- %s\n", escape(r))
	}
	var told, passed []Finding
	for _, f := range v.Claims {
		if f.Verdict == Pass {
			passed = append(passed, f)
		} else {
			told = append(told, f)
		}
	}
	text := report.Crop(head.String(), mostComment/4)
	if head.Len() < mostComment/4 {
		text = head.String()
	}
	text = add(text, told, "", "")
	text = add(text, passed, fmt.Sprintf("\n<details><summary>%d passed</summary>\n\n", len(passed)), "\n</details>\n")
	var lines []string
	for i := range v.Shifts {
		lines = append(lines, v.Shifts[i].Where())
	}
	for _, n := range v.notes() {
		lines = append(lines, "note: "+n)
	}
	for _, n := range lines {
		if line := "\n- " + escape(n) + "\n"; len(text)+len(line) < mostComment {
			text += line
		}
	}
	_, err := io.WriteString(w, text)
	return err
}

// add adds a table of claims, as many as there is room for.
func add(text string, all []Finding, before, after string) string {
	if len(all) == 0 {
		return text
	}
	const head, cut = "\n| | claim | a | b | change | limit | |\n|---|---|---:|---:|---:|---:|---|\n", 200
	room := mostComment - len(text) - len(before) - len(after) - len(head) - cut
	if room < 0 {
		return text
	}
	text += before + head
	for i := range all {
		row := row(&all[i])
		if room -= len(row); room < 0 {
			return text + fmt.Sprintf("\n… and %d more, which the verdict file has.\n", len(all)-i) + after
		}
		text += row
	}
	return text + after
}

func row(f *Finding) string {
	if f.N == 0 {
		return fmt.Sprintf("| %s | %s | | | | %s | %s |\n", sign(f.Verdict), escape(f.ID), escape(f.limit()), escape(report.Crop(f.Reason, 300)))
	}
	return fmt.Sprintf("| %s | %s | %s | %s | %s %s | %s | %s |\n", sign(f.Verdict), escape(f.ID), escape(f.Value(f.A)), escape(f.Value(f.B)),
		escape(f.Text(f.Change)), escape(f.Interval()), escape(f.limit()), escape(report.Crop(f.Reason, 300)))
}

func sign(o Outcome) string {
	switch o {
	case Pass, Improved:
		return "✅"
	case Accepted, Inconclusive:
		return "⚠️"
	}
	return "❌"
}

// escape keeps text from being markup, and on its line.
func escape(text string) string {
	text = report.Plain(text)
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", "|", `\|`, "*", `\*`, "_", `\_`, "`", "\\`", "[", `\[`, "@", "&#64;").Replace(text)
}
