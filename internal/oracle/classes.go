package oracle

import "slices"

// Classes judge limiters of which classes of arrivals have their own: the judge
// of class i is number i. Classes may share one.
type Classes []*Judge

// Observe hands a decision to the judge of its class.
func (c Classes) Observe(o Observation) { c[o.Class].Observe(o) }

// Report adds the classes up; an excess, a window and a wait are those of the
// worst of them, and so are jitter and fairness, which have no sum. Where one of
// them has no limit to compare with, neither have all together.
func (c Classes) Report() Report {
	r := c[0].Report()
	for i, judge := range c {
		if !slices.Contains(c[:i], judge) && i > 0 {
			r.add(judge.Report())
		}
	}
	if r.Limitless {
		r.Entitled, r.RateError, r.BurstExcess, r.WorstWindow, r.Most = 0, 0, 0, Window{}, Peak{}
		return r
	}
	r.RateError = float64(r.Admitted-r.Entitled) / float64(max(r.Entitled, 1))
	return r
}

func (r *Report) add(o Report) {
	r.Judged += o.Judged
	r.Unjudged += o.Unjudged
	r.Limitless = r.Limitless || o.Limitless
	r.FalseAdmits += o.FalseAdmits
	r.FalseDenials += o.FalseDenials
	r.Admitted = sum(r.Admitted, o.Admitted)
	r.Entitled = sum(r.Entitled, o.Entitled)
	if o.BurstExcess > r.BurstExcess {
		r.BurstExcess, r.WorstWindow = o.BurstExcess, o.WorstWindow
	}
	if o.Most.excess() > r.Most.excess() {
		r.Most = o.Most
	}
	if o.Starvation.Intervals > r.Starvation.Intervals {
		r.Starvation = o.Starvation
	}
	if o.Jitter.CV > r.Jitter.CV {
		r.Jitter = o.Jitter
	}
	if o.Fairness.Callers > 0 && (r.Fairness.Callers == 0 || o.Fairness.Jain < r.Fairness.Jain) {
		r.Fairness = o.Fairness
	}
	r.Violations = append(r.Violations, o.Violations...)[:min(maxViolations, len(r.Violations)+len(o.Violations))]
}
