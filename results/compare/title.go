package compare

// Title says in one line what is compared with what: "checkout, gcra:
// before.jsonl (base) against after.jsonl" of two files, "checkout: gcra (base)
// against token-bucket" of the trials of one.
func (p Pair) Title() string {
	title := p.Scenario
	if p.OfFiles {
		title += ", " + p.Name
	}
	if title != "" {
		title += ": "
	}
	title += p.Base + " (base) against " + p.Other
	if p.Simulated {
		title += "  SIMULATED: on a stand-in; no claim about speed"
	}
	return title
}
