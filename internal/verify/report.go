package verify

import (
	"encoding/json"
	"io"
	"slices"

	"github.com/fcbench/fcbench/limiters"
	"github.com/fcbench/fcbench/limiters/conformance"
)

// Schema names the version of the report's JSON form.
const Schema = "fcbench.verify/v1"

// Report is what came of an examination. Its JSON form is stable: fields may be
// added, none changes its meaning. Durations are in nanoseconds and their names
// end in _ns.
type Report struct {
	Schema   string    `json:"schema"`
	Seed     uint64    `json:"seed"`
	Deep     bool      `json:"deep"`
	Partial  bool      `json:"partial,omitempty"` // it was interrupted: some rules were not run
	Limiters []Limiter `json:"limiters"`
}

// Limiter is one kind and what came of each rule.
type Limiter struct {
	Kind      string `json:"kind"`
	Version   string `json:"version,omitempty"` // of the library behind it
	Algorithm string `json:"algorithm"`         // that it claims to be, and is held to
	Scope     string `json:"scope"`
	// Time says how it was examined: "virtual", with any instant as an argument;
	// "bubble", on a clock that only waiting moves; or "real".
	Time     string                `json:"time"`
	Specimen bool                  `json:"specimen,omitempty"` // known to be wrong
	Lacks    []string              `json:"lacks,omitempty"`
	Problem  string                `json:"problem,omitempty"` // why it could not be examined, or not to the end
	Findings []conformance.Finding `json:"findings"`
}

func (k *kind) describe(info limiters.Info) Limiter {
	return Limiter{
		Kind: k.name, Version: info.Version, Algorithm: info.Algorithm, Scope: info.Scope,
		Time: timeOf(info), Specimen: k.specimen, Lacks: info.Lacks,
	}
}

// Failed counts the limiters that break a rule.
func (r *Report) Failed() (n int) {
	for _, l := range r.Limiters {
		if len(l.Failures()) > 0 {
			n++
		}
	}
	return n
}

// Failures are the findings of broken rules, the most severe first.
func (l *Limiter) Failures() (all []conformance.Finding) {
	for _, f := range l.Findings {
		if f.Status == conformance.Fail {
			all = append(all, f)
		}
	}
	order := []conformance.Severity{conformance.High, conformance.Medium, conformance.Low}
	slices.SortStableFunc(all, func(a, b conformance.Finding) int {
		return slices.Index(order, a.Severity) - slices.Index(order, b.Severity)
	})
	return all
}

// unfinished reports whether a rule was not run, or not to its end, for no other reason
// than an interrupt.
func (l *Limiter) unfinished() bool {
	return l.Problem == "" && (len(l.Findings) == 0 || slices.ContainsFunc(l.Findings, func(f conformance.Finding) bool { return f.Status == conformance.NotRun }))
}

// Unfit reports whether there is no rule that could be applied.
func (l *Limiter) Unfit() bool { return l.unfit() != "" }

// Category sums up the rules of one category: it fails with the first that is
// broken, is not run if one is not, passes if at least one holds, and else does
// not apply.
func (l *Limiter) Category(c conformance.Category) conformance.Status {
	status := conformance.NotApplicable
	if len(l.Findings) == 0 {
		status = conformance.NotRun
	}
	for _, f := range l.Findings {
		switch {
		case f.Category != c:
		case f.Status == conformance.Fail:
			return conformance.Fail
		case f.Status == conformance.NotRun || status == conformance.NotRun:
			status = conformance.NotRun
		case f.Status == conformance.Pass:
			status = conformance.Pass
		}
	}
	return status
}

// share counts the rules of a category that hold, and those that are about such a
// limiter.
func (l *Limiter) share(c conformance.Category) (held, all int) {
	for _, f := range l.Findings {
		if f.Category != c || f.Status == conformance.NotApplicable && !f.Unexamined {
			continue
		}
		if all++; f.Status == conformance.Pass {
			held++
		}
	}
	return held, all
}

// unfit is why not one rule could be applied.
func (l *Limiter) unfit() (reason string) {
	for _, f := range l.Findings {
		if f.Status != conformance.NotApplicable {
			return ""
		}
		reason = f.Reason
	}
	return reason
}

// WriteJSON writes the report as indented JSON.
func (r *Report) WriteJSON(w io.Writer) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	return e.Encode(r)
}
