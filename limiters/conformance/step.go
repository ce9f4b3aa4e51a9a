package conformance

import (
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/fcbench/fcbench/internal/oracle"
	"github.com/fcbench/fcbench/limiters"
)

// Step is one call of a history and what came of it. Its durations are those of
// a [limiters.Decision].
type Step struct {
	Call       string        `json:"call"`        // "allow", "peek", "reserve", "release", "reclaim" or "limit …", which changes it
	Now        time.Duration `json:"now_ns"`      // that the limiter was shown, or at which it was called
	Returned   time.Duration `json:"returned_ns"` // Now, where time stands still during a call
	Key        string        `json:"key"`
	N          int64         `json:"n"`
	Allowed    bool          `json:"allowed"`
	At         time.Duration `json:"at_ns"`
	Delay      time.Duration `json:"delay_ns,omitempty"`
	RetryAfter time.Duration `json:"retry_after_ns"`
	ResetAfter time.Duration `json:"reset_after_ns"`
	Remaining  int64         `json:"remaining"`
	Error      string        `json:"error,omitempty"`
	// Right is what an exact model says of this request, given all that was
	// granted before: "granted" or "denied". Empty where none can tell, or the
	// rule is not about what one says.
	Right string `json:"right,omitempty"`
}

// judgedSteps adds what would have been right, as far as an exact model knows.
func (s *subject) judgedSteps(steps []Step) []Step {
	judge, err := s.judge()
	steps = slices.Clone(steps)
	for i := range steps {
		if step := &steps[i]; err == nil && step.Call == "allow" && step.N > 0 {
			step.Right = right(judge, s.observation(*step))
		}
	}
	return steps
}

// right has the judge observe o and returns what it thinks of it.
func right(judge *oracle.Judge, o oracle.Observation) string {
	before := judge.Report()
	judge.Observe(o)
	after := judge.Report()
	wrong := after.FalseAdmits+after.FalseDenials > before.FalseAdmits+before.FalseDenials
	switch {
	case after.Judged == before.Judged:
		return ""
	case o.Allowed != wrong:
		return "granted"
	default:
		return "denied"
	}
}

// observation is a step as an oracle takes it.
func (s *subject) observation(step Step) oracle.Observation {
	o := oracle.Observation{
		Key: step.Key, N: step.N, Called: step.Now, Returned: step.Returned,
		At: step.At, Allowed: step.Allowed, Errored: step.Error != "",
	}
	if s.info.Shaper {
		o.Until = step.At + step.Delay
	}
	switch {
	case s.window() && (s.moved() || !s.info.Aligned()):
		o.At = limiters.Unknown // nobody knows where its windows begin
	case o.At < 0 && step.Now == step.Returned:
		o.At = max(0, step.Now)
	}
	return o
}

// shown is how many steps at the end of a history are kept.
const shown = 24

// History prints the steps, a line for each of the last ones and one for each stretch
// of those before. It is empty when there are none. What would have been right
// stands beside them where an exact model knows and the finding is about that.
func (f Finding) History() string {
	if len(f.Steps) == 0 {
		return ""
	}
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	row := func(cells ...string) { fmt.Fprintf(w, "  %s\n", strings.Join(cells, "\t")) }
	head, judged := []string{"step", "call", "now", "key", "n", "decision"}, f.judged()
	if judged {
		head = append(head, "right")
	}
	row(head...)
	for _, r := range f.Earlier {
		row(r.row()...)
	}
	for i, s := range f.Steps {
		cells := []string{fmt.Sprint(f.Omitted + i + 1), s.Call, s.Now.String(), brief(s.Key), fmt.Sprint(s.N), s.decision()}
		if judged {
			cells = append(cells, s.Right)
		}
		row(cells...)
	}
	w.Flush()
	return b.String()
}

// judged reports whether an exact model says something of the steps.
func (f Finding) judged() bool {
	return slices.ContainsFunc(f.Steps, func(s Step) bool { return s.Right != "" })
}

// stepOf has what a limiter answered.
func stepOf(d limiters.Decision) Step {
	return Step{
		Now: -1, Allowed: d.Allowed, At: d.At, Delay: d.Delay,
		RetryAfter: d.RetryAfter, ResetAfter: d.ResetAfter, Remaining: d.Remaining,
	}
}

// words are all that there is to say about a decision.
func words(d limiters.Decision) string {
	s := stepOf(d)
	s.Call = "allow"
	text := s.decision()
	if d.ResetAfter >= 0 {
		text += fmt.Sprintf(", reset after %v", d.ResetAfter)
	}
	return text
}

// told is a time to wait in words, as a limiter told it.
func told(wait time.Duration) string {
	switch wait {
	case limiters.Never:
		return "never"
	case limiters.Unknown:
		return "unknown"
	}
	return wait.String()
}

// decision says in words what the limiter answered.
func (s Step) decision() string {
	switch {
	case s.Error != "":
		return "error: " + s.Error
	case s.Call != "allow" && s.Call != "peek" && s.Call != "reserve":
		return "done"
	}
	words := []string{"denied"}
	if s.Allowed {
		words[0] = "granted"
	}
	if s.Delay > 0 {
		words = append(words, fmt.Sprintf("wait %v", s.Delay))
	}
	if s.At != s.Now && s.At >= 0 {
		words = append(words, fmt.Sprintf("as at %v", s.At))
	}
	if s.RetryAfter == limiters.Never {
		words = append(words, "retry never")
	} else if s.RetryAfter > 0 {
		words = append(words, fmt.Sprintf("retry after %v", s.RetryAfter))
	}
	if s.Remaining >= 0 {
		words = append(words, fmt.Sprintf("%d remain", s.Remaining))
	}
	return strings.Join(words, ", ")
}
