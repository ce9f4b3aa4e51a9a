package scenario

import (
	"slices"
	"strings"
	"time"

	"github.com/fcbench/fcbench/internal/strictyaml"
	"github.com/fcbench/fcbench/internal/units"
)

// timeouts settles how long callers of each class wait: one duration for all, or
// a map of them with a default.
func (p *parser) timeouts(s *Scenario, n *strictyaml.Node) {
	if n.Kind() != strictyaml.Map {
		if n.Kind() == strictyaml.List || n.IsNull() {
			p.problem(n, "timeout is %s; want a duration such as 5s, or a map of one for each class", n.Describe())
			return
		}
		s.Timeout = []time.Duration{p.timeout(n)}
		return
	}
	common, _ := units.ParseDuration(defaultTimeout)
	if d := n.Get("default"); d != nil {
		common = units.Duration(p.timeout(d))
	}
	var names []string
	if s.Workload != nil {
		names = streamNames(s.Workload)
	}
	s.Timeout = slices.Repeat([]time.Duration{common.Std()}, len(names)+1)
	for name, value := range n.All() {
		switch i := slices.Index(names, name); {
		case name == "default":
		case i >= 0:
			s.Timeout[i] = p.timeout(value)
		case len(names) == 0:
			p.problem(value, "timeout names class %q, and the workload has one stream; want default alone, or streams", name)
		default:
			p.problem(value, "timeout names class %q; want default, or one of the workload's streams: %s", name, strings.Join(names, ", "))
		}
	}
}

func (p *parser) timeout(n *strictyaml.Node) time.Duration {
	d, err := units.ParseDuration(n.String())
	switch {
	case n.Kind() != strictyaml.Scalar || n.IsNull():
		p.problem(n, "timeout is %s; want a duration such as 5s", n.Describe())
	case err != nil:
		p.problem(n, "timeout: %v", err)
	case d <= 0:
		p.problem(n, "timeout is %v; want more than 0s", d)
	}
	return d.Std()
}

// longestTimeout is the longest timeout of any class.
func (s *Scenario) longestTimeout() time.Duration { return slices.Max(s.Timeout) }
