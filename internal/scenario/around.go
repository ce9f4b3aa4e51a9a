package scenario

import (
	"strings"

	"github.com/fcbench/fcbench/internal/hooks"
	"github.com/fcbench/fcbench/internal/observe"
	"github.com/fcbench/fcbench/internal/strictyaml"
)

// hooks checks what is done before and after the runs.
func (p *parser) hooks(s *Scenario, n *strictyaml.Node, c hooks.Config) {
	if n == nil {
		return
	}
	for _, problem := range c.Problems() {
		if problem.Key != "" || !p.incomplete(n) {
			p.problem(at(n, strings.Split(problem.Key, ".")...), "%s", problem.Text)
		}
	}
	s.Hooks = &c
}

// observe checks which processes under load are looked at.
func (p *parser) observe(s *Scenario, n *strictyaml.Node, c *observe.Config) {
	if n == nil || c == nil {
		return
	}
	if err := c.Check(); err != nil && !p.incomplete(n) {
		p.problem(n, "%v", err)
	}
	s.Observe = c
}
