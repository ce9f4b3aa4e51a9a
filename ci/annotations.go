package ci

import (
	"encoding/json"
	"fmt"
	"hash/fnv"
	"io"
	"path/filepath"
	"strings"

	"github.com/fcbench/fcbench/internal/exitcode"
)

// problem is what is to be shown at a line of the policy.
type problem struct {
	outcome Outcome
	line    int
	id      string
	text    string
}

// problems are those of a verdict: of the gate, if it has any, and of claims.
func (v *Verdict) problems() (all []problem) {
	if len(v.Reasons) > 0 && v.Verdict.Code() != exitcode.Pass {
		all = append(all, problem{v.Verdict, 1, "gate", v.whole()})
	}
	for i := range v.Claims {
		f := &v.Claims[i]
		if f.Verdict != Pass && f.Verdict != Improved {
			all = append(all, problem{f.Verdict, max(1, f.Line), f.ID, f.Said()})
		}
	}
	return all
}

// level is how severe an outcome is to GitHub and SARIF: error, warning or note.
func (o Outcome) level() string {
	switch o {
	case Pass, Improved:
		return "note"
	case Accepted, Inconclusive:
		return "warning"
	}
	return "error"
}

// mostAnnotations is how many of a kind GitHub shows of a step.
const mostAnnotations = 10

// GitHub writes workflow commands, which GitHub shows as annotations of the policy's
// lines: ten of a kind, as it shows no more, the last of which says how many are left out.
func GitHub(w io.Writer, v *Verdict) error {
	byLevel := map[string][]problem{}
	for _, p := range v.problems() {
		byLevel[p.outcome.level()] = append(byLevel[p.outcome.level()], p)
	}
	for _, level := range []string{"error", "warning"} {
		all := byLevel[level]
		for i, p := range all {
			if i == mostAnnotations-1 && len(all) > mostAnnotations {
				p.text = fmt.Sprintf("and %d more, which the verdict file has", len(all)-i)
			}
			if i == mostAnnotations {
				break
			}
			if _, err := fmt.Fprintf(w, "::%s title=%s,file=%s,line=%d::%s\n", level, commandProperty("fcbench "+string(p.outcome)+" "+p.id), commandProperty(uri(v.Policy)), p.line, commandData(p.text)); err != nil {
				return err
			}
		}
	}
	_, err := fmt.Fprintf(w, "::notice title=fcbench gate %s::%s\n", commandProperty(v.Gate), commandData(v.Headline()))
	return err
}

func commandData(text string) string {
	return strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A").Replace(text)
}

func commandProperty(text string) string {
	return strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C").Replace(text)
}

// uri is a file as it is named from the root of the repository, where gates are run.
func uri(file string) string { return strings.TrimPrefix(filepath.ToSlash(filepath.Clean(file)), "./") }

// CodeQuality writes GitLab's report of code quality.
func CodeQuality(w io.Writer, v *Verdict) error {
	type lines struct {
		Begin int `json:"begin"`
	}
	type location struct {
		Path  string `json:"path"`
		Lines lines  `json:"lines"`
	}
	type issue struct {
		Description string   `json:"description"`
		CheckName   string   `json:"check_name"`
		Fingerprint string   `json:"fingerprint"`
		Severity    string   `json:"severity"` // info, minor, major, critical or blocker
		Location    location `json:"location"`
	}
	all := []issue{}
	for _, p := range v.problems() {
		severity := map[string]string{"error": "major", "warning": "minor"}[p.outcome.level()]
		all = append(all, issue{p.text, "fcbench-" + strings.ToLower(string(p.outcome)), fingerprintOf(v.Gate, p.id), severity, location{uri(v.Policy), lines{p.line}}})
	}
	return indented(w, all)
}

// fingerprintOf names a finding again in the next report.
func fingerprintOf(parts ...string) string {
	h := fnv.New128a()
	_, _ = io.WriteString(h, strings.Join(parts, "\x00"))
	return fmt.Sprintf("%x", h.Sum(nil))
}

func indented(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(v)
}
