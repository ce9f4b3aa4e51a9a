package scenario

import (
	"fmt"
	"runtime"
	"strconv"

	"github.com/fcbench/fcbench/internal/strictyaml"
)

// lanes is how many goroutines send: a number, or auto, which is one for every
// core that this process may use but one, and at least one.
type lanes int

const maxLanes = 1024

// UnmarshalText reads a number or auto.
func (l *lanes) UnmarshalText(text []byte) error {
	if string(text) == "auto" {
		*l = lanes(max(1, runtime.GOMAXPROCS(0)-1))
		return nil
	}
	n, err := strconv.Atoi(string(text))
	if err != nil || n < 1 || n > maxLanes {
		return fmt.Errorf("lanes is %s; want 1 to %d, or auto", text, maxLanes)
	}
	*l = lanes(n)
	return nil
}

// lanes checks that every lane has a share of what is shared out.
func (p *parser) lanes(s *Scenario, doc *strictyaml.Node, l load) {
	s.Load.Lanes = max(1, int(l.Lanes))
	if l.Lanes <= 1 {
		return
	}
	n := at(doc, "load", "lanes")
	fewer := func(what string, have int) {
		if have < int(l.Lanes) {
			p.problem(n, "lanes is %d, and %s is %d; want at least one for each lane", l.Lanes, what, have)
		}
	}
	fewer("max_in_flight", s.Load.MaxInFlight)
	if s.Load.Closed {
		fewer("clients", s.Load.Clients)
	}
	if s.Load.Closed && s.Count > 0 {
		fewer("count", int(min(s.Count, maxLanes)))
	}
}

// lanesOf checks that a subject has something for every lane.
func (p *parser) lanesOf(s *Scenario, sub Subject) {
	if sub.lanes > 0 && s.Load.Lanes > sub.lanes {
		p.problem(sub.node, "%s has %d connections, queues or callers, and lanes is %d; want at least one for each lane", sub.Kind, sub.lanes, s.Load.Lanes)
	}
}
