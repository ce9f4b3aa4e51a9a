package curves

import (
	"fmt"
	"math"
	"strings"

	"github.com/fcbench/fcbench/internal/capacity"
	"github.com/fcbench/fcbench/results/report"
)

// headline is what the search found.
func (c *Curve) headline() string {
	what := "capacity"
	if c.Name != "" {
		what = c.Name
	}
	if c.Answer.Verdict == "" {
		return what + ": the search is not over"
	}
	text := fmt.Sprintf("%s: %s", what, c.Answer.Verdict)
	switch k := c.Knee; {
	case k != nil:
		text += fmt.Sprintf(", knee at %s", c.interval())
	case c.Answer.Value > 0:
		text += fmt.Sprintf(", at least %s", c.load(c.Answer.Value))
	}
	return text
}

// interval is the knee with the ends of its interval.
func (c *Curve) interval() string {
	k := c.Knee
	if c.Answer.Strategy == capacity.MLRsearch {
		return fmt.Sprintf("%s, classified between bounds [%.6g, %.6g]", c.load(k.Value), k.Low, k.High)
	}
	return fmt.Sprintf("%s, %.3g %% interval [%.6g, %.6g]", c.load(k.Value), 100*c.Confidence, k.Low, k.High)
}

// load is a value of what is searched, as precise as answers are.
func (c *Curve) load(v float64) string {
	if c.Unit == "" {
		return fmt.Sprintf("%.6g %s", v, c.Over)
	}
	return fmt.Sprintf("%.6g%s", v, c.Unit)
}

// tally is how many trials there are of each kind.
func (c *Curve) tally() (of [4]int, fitted int) {
	for i := range c.Trials {
		of[c.Trials[i].kind()]++
		if c.Trials[i].Fitted {
			fitted++
		}
	}
	return of, fitted
}

// trials says what became of them, and how each looks.
func (c *Curve) trials(look [4]string) string {
	of, fitted := c.tally()
	if len(c.Trials) == 0 {
		return "There are no trials."
	}
	var all []string
	for _, k := range []struct {
		kind kind
		what string
	}{{kept, "kept every goal"}, {missed, "missed one"}, {spoiled, "did not count"}} {
		if of[k.kind] > 0 {
			all = append(all, fmt.Sprintf("%s %d %s", look[k.kind], of[k.kind], k.what))
		}
	}
	text := fmt.Sprintf("Trials: %s", strings.Join(all, ", "))
	if fitted > 0 {
		text += fmt.Sprintf("; the fit is through %d", fitted)
	}
	return text + "."
}

// legend says what the signs of a plot are.
func (c *Curve) legend(s signs) string {
	var look [4]string
	for i, r := range s.kinds {
		look[i] = string(r)
	}
	text := c.trials(look)
	if c.hasMedians() {
		text += fmt.Sprintf(" %s a median.", look[faint])
	}
	if c.Fit != nil {
		text += fmt.Sprintf(" %c the fit, %c its %.3g %% interval.", s.fit, s.band, 100*c.Confidence)
	}
	if c.Knee != nil {
		text += fmt.Sprintf(" %c the knee, %c the ends of its interval.", s.knee, s.interval)
	}
	for _, p := range c.panels() {
		if p.diagonal && len(p.marks) > 0 {
			text += fmt.Sprintf(" %c all that is offered.", s.slope)
		}
	}
	return text
}

func (c *Curve) hasMedians() bool {
	for _, t := range c.Trials {
		if t.P50 != nil {
			return true
		}
	}
	return false
}

// key says what is to be seen in a drawing.
func (c *Curve) key() string {
	text := c.trials([4]string{spoiled: "○", kept: "●", missed: "×"})
	if c.Fit != nil {
		text += fmt.Sprintf(" The line with a band is the fit with its %.3g %% interval.", 100*c.Confidence)
	}
	if c.Knee != nil {
		text += " What stands upright is the knee, over its interval."
	}
	if len(c.Trials) > 0 {
		text += " Dashed is what the goal allows."
	}
	return text
}

// quantity is a measured value with its unit, and a dash for none.
func quantity(v *float64, unit string) string {
	const grouped = 1e15 // with more digits nobody counts them
	switch {
	case v == nil:
		return "–"
	case math.Abs(*v) >= grouped:
		return fmt.Sprintf("%.3g%s", *v, unit)
	}
	return report.Quantity(*v, unit)
}
