package ci

import (
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/fcbench/fcbench/internal/strictyaml"
)

// Acceptance is a regression that somebody has looked at and lets pass, for a while
// and up to a size.
type Acceptance struct {
	Claim  string `json:"claim" yaml:"claim"`   // its id
	Until  string `json:"until" yaml:"until"`   // the last day, 2026-12-31
	Reason string `json:"reason" yaml:"reason"` // for those who come later
	By     string `json:"by" yaml:"by"`
	Most   string `json:"most" yaml:"most"` // the change up to which it holds, as a margin is written
}

// Acceptances are those of a reviewed file.
type Acceptances struct {
	File string
	All  []Acceptance
}

const dayForm = "2006-01-02"

// ReadAcceptances reads a reviewed file; the error has every problem with its place.
func ReadAcceptances(file string) (*Acceptances, error) {
	src, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	doc, err := strictyaml.Parse(file, src)
	if doc == nil || err != nil {
		return nil, err
	}
	var d struct {
		Accepted []Acceptance `yaml:"accepted"`
	}
	problems := strictyaml.Decode(doc, &d)
	for i, a := range d.Accepted {
		for _, p := range a.Problems() {
			problems = append(problems, doc.Get("accepted").Items()[i].Problemf("%s", p))
		}
	}
	return &Acceptances{file, d.Accepted}, problems.Err()
}

// Problems says what is wrong with an acceptance.
func (a Acceptance) Problems() (problems []string) {
	for _, part := range []struct{ name, value, want string }{
		{"claim", a.Claim, "the id of a claim, SCENARIO/SUBJECT/METRIC"},
		{"reason", a.Reason, "why it may be slower"},
		{"by", a.By, "who said so"},
		{"most", a.Most, "the largest change that is accepted, such as 12%"},
	} {
		if strings.TrimSpace(part.value) == "" {
			problems = append(problems, fmt.Sprintf("%s is empty; want %s", part.name, part.want))
		}
	}
	if _, err := time.Parse(dayForm, a.Until); err != nil {
		problems = append(problems, fmt.Sprintf("until is %q; want the last day that it holds, such as 2026-12-31", a.Until))
	}
	if metric := a.Claim[strings.LastIndex(a.Claim, "/")+1:]; a.Most != "" && a.Claim != "" {
		if m, err := metricOfID(a.Claim); err != nil {
			problems = append(problems, fmt.Sprintf("claim is %q, whose metric %s is unknown; want the id of a claim, SCENARIO/SUBJECT/METRIC", a.Claim, metric))
		} else if _, err := parseMargin(m, a.Most); err != nil {
			problems = append(problems, fmt.Sprintf("most %v", err))
		}
	}
	return problems
}

// expired reports whether the last day is over.
func (a Acceptance) expired(now time.Time) bool {
	until, err := time.Parse(dayForm, a.Until)
	return err != nil || !now.Before(until.AddDate(0, 0, 1))
}

// of is the acceptance of a claim.
func (all *Acceptances) of(id string) (Acceptance, bool) {
	if all == nil {
		return Acceptance{}, false
	}
	i := slices.IndexFunc(all.All, func(a Acceptance) bool { return a.Claim == id })
	if i < 0 {
		return Acceptance{}, false
	}
	return all.All[i], true
}

// Accept adds an acceptance to a file, which need not be there; one of the same claim
// is replaced.
func Accept(file string, a Acceptance) error {
	if p := a.Problems(); len(p) > 0 {
		return fmt.Errorf("%s", strings.Join(p, "\n"))
	}
	var all []Acceptance
	if _, err := os.Stat(file); err == nil {
		before, err := ReadAcceptances(file)
		if err != nil {
			return err
		}
		all = slices.DeleteFunc(before.All, func(old Acceptance) bool { return old.Claim == a.Claim })
	}
	all = append(all, a)
	slices.SortFunc(all, func(a, b Acceptance) int { return strings.Compare(a.Claim, b.Claim) })
	var out strings.Builder
	out.WriteString("# Regressions that were looked at and may stay for a while. Reviewed like code.\naccepted:\n")
	for _, one := range all {
		fmt.Fprintf(&out, "  - {claim: %q, until: %q, most: %q, by: %q,\n     reason: %q}\n", one.Claim, one.Until, one.Most, one.By, one.Reason)
	}
	return replaceFile(file, func(w io.Writer) error {
		_, err := io.WriteString(w, out.String())
		return err
	})
}
