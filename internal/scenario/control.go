package scenario

import (
	"github.com/fcbench/fcbench/internal/builtin"
	"github.com/fcbench/fcbench/internal/strictyaml"
	"github.com/fcbench/fcbench/limiters"
	"github.com/fcbench/fcbench/pipelines/control"
)

// control builds the limiter before the first queue and the controller, once each, to
// check them.
func (p *parser) control(out *Subject, full *strictyaml.Node, d pipelineDocument) {
	if d.Limiter != nil {
		p.intake(out, full, d.Limiter, d.Control != nil)
	}
	if d.Control == nil {
		return
	}
	made, config, described := part(p, builtin.Controllers(), d.Control)
	if described == nil {
		return
	}
	full.Put("control", described)
	kind := described.Get("kind").String()
	if made.Limits && d.Limiter == nil {
		p.problem(d.Control, "control %s sets the rate of a limiter before the first queue, and limiter is missing; want one beside it, such as limiter: {kind: token-bucket, rate: 1000/s, burst: 10}", kind)
		return
	}
	if !made.Limits && d.Limiter != nil {
		p.problem(d.Limiter, "limiter stands beside control %s, which leaves it off; want it left out, or a control that sets its rate", kind)
		return
	}
	if d.Limiter != nil && out.flow.Control.Limiter == nil {
		return // it has a problem already
	}
	if _, err := made.CrewOf(d.Workers); err != nil {
		p.add(d.Control.At(err))
		return
	}
	out.flow.Control.New = func() (*control.Control, error) { return builtin.Controllers().Make(kind, config) }
}

// intake builds the limiter before the first queue.
func (p *parser) intake(out *Subject, full, n *strictyaml.Node, controlled bool) {
	l, config, described := part(p, builtin.Limiters(builtin.Env{}), n)
	if described == nil {
		return
	}
	defer builtin.Discard(l)
	full.Put("limiter", described)
	if _, err := control.NewGate(l, controlled); err != nil {
		p.add(n.At(err))
		return
	}
	kind := described.Get("kind").String()
	out.flow.Control.Limiter = func() (limiters.Limiter, error) { return builtin.Limiters(builtin.Env{}).Make(kind, config) }
}
