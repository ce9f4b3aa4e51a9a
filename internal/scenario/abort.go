package scenario

import (
	"slices"
	"strings"
	"time"

	"github.com/fcbench/fcbench/internal/strictyaml"
	"github.com/fcbench/fcbench/internal/units"
	"github.com/fcbench/fcbench/results"
)

// Abort is when a run is given up: once any condition holds over the last Window of
// it. Nobody looks before After, from the start of the warm-up.
type Abort struct {
	On            []results.Threshold
	Window, After time.Duration
}

// abort is how a document says so.
type abort struct {
	On     []string       `yaml:"on"`
	Window units.Duration `yaml:"window"` // none: 5s
	After  units.Duration `yaml:"after"`  // none: 5s
}

const (
	defaultAbortWindow = units.Duration(5 * time.Second)
	defaultAbortAfter  = units.Duration(5 * time.Second)
	minAbortWindow     = units.Duration(10 * time.Millisecond)
)

// abortable are the metrics that are known while a run goes on, by what they begin with,
// and abortableParts those of a stream, or of a request of a mix.
var (
	abortable      = []string{"outcomes", "statuses", "response", "service", "send_delay"}
	abortableParts = []string{"outcomes", "response_ok"}
)

// abort checks when a run is given up, and fills in what is left out.
func (p *parser) abort(s *Scenario, n *strictyaml.Node, a *abort) {
	if a == nil {
		return
	}
	if n.Get("window") == nil {
		a.Window = defaultAbortWindow
	}
	if n.Get("after") == nil {
		a.After = defaultAbortAfter
	}
	if a.Window < minAbortWindow {
		p.problem(at(n, "window"), "window is %v; want %v or more, over which the conditions hold", a.Window, minAbortWindow)
	}
	if len(a.On) == 0 {
		p.problem(n, "abort has no condition; want on, a list such as [outcomes.failed.share > 50%%]")
	}
	s.Abort = &Abort{On: p.conditions(s, n.Get("on"), a.On), Window: a.Window.Std(), After: a.After.Std()}
}

// conditions reads those on what is known while a run goes on.
func (p *parser) conditions(s *Scenario, n *strictyaml.Node, texts []string) []results.Threshold {
	all, places := p.goals(s, n, texts)
	for i, t := range all {
		known, part := abortable, ""
		if name := t.Class(); name != "" {
			known, part = abortableParts, "classes."+name+"."
		} else if name := t.Request(); name != "" {
			known, part = abortableParts, "requests."+name+"."
		}
		if head, _, _ := strings.Cut(strings.TrimPrefix(t.Metric.Path, part), "."); !slices.Contains(known, head) {
			p.problem(places[i], "condition %q is on what is known only when a run has ended; want one of %s", t, part+strings.Join(known, ", "+part))
		}
	}
	p.askedOf(s, "condition", all, places)
	return all
}
