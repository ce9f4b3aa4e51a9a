package results

import (
	"slices"
	"strings"
)

// Spoiler is what made a run invalid.
type Spoiler string

// The spoilers. A run that was sent too late, or not at all, says where its
// generator ends; one whose clock went wrong says nothing.
const (
	ByNothing   Spoiler = ""          // it is not invalid
	ByGenerator Spoiler = "generator" // it was late, had no core, or lacked what it sends with
	ByUnsent    Spoiler = "unsent"    // there was no room in flight for arrivals
	ByOther     Spoiler = "other"
)

// Spoiler is what made the run invalid: of several reasons the gravest, which stands
// first, and arrivals that found no room only where they are the only one.
func (v Validity) Spoiler() Spoiler {
	if v.Verdict != Invalid || len(v.Reasons) == 0 {
		return ByNothing
	}
	starts := func(beginnings ...string) bool {
		return slices.ContainsFunc(beginnings, func(b string) bool { return strings.HasPrefix(v.Reasons[0], b) })
	}
	switch {
	case starts("generator ", "the generator ", "no core for the generator"):
		return ByGenerator
	case starts("in-flight cap "):
		return ByUnsent
	}
	return ByOther
}
