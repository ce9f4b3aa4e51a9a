package scenario

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/fcbench/fcbench/internal/builtin"
	"github.com/fcbench/fcbench/internal/strictyaml"
	"github.com/fcbench/fcbench/internal/units"
	"github.com/fcbench/fcbench/targets"
)

// step changes the limit of a subject while it runs.
type step struct {
	At  units.Duration   `yaml:"at"`  // from the beginning of the measured window
	Set *strictyaml.Node `yaml:"set"` // {subject: NAME, rate: …, burst: …}
}

// steps checks the changes of limits, once the window and the subjects are known.
func (p *parser) steps(s *Scenario, n *strictyaml.Node, list []step) {
	if len(list) == 0 || len(s.Subjects) == 0 {
		return
	}
	if s.Load.Lanes > 1 {
		p.problem(n, "steps stand beside %d lanes, and which of them saw a change first would decide; want one lane", s.Load.Lanes)
	}
	for i, item := range n.Items() {
		if i >= len(list) || p.refused(item) {
			continue
		}
		at, here := list[i].At.Std(), item.Get("at")
		switch {
		case here == nil:
			p.problem(item, "at is missing; want when it happens, from the beginning of the window, such as 5s")
		case at < 0 || s.Window > 0 && at >= s.Window:
			p.problem(here, "at is %v; want 0s or more and less than the measured window, %v", list[i].At, s.Window)
		}
		p.step(s, item, s.Warmup+at, list[i].Set)
	}
	for i := range s.Subjects {
		steps := s.Subjects[i].steps
		slices.SortStableFunc(steps, func(a, b targets.Step) int { return cmp.Compare(a.At, b.At) })
		for k := range steps[min(1, len(steps)):] {
			if steps[k].At == steps[k+1].At {
				p.problem(n, "%s has two steps at %v; want one", s.Subjects[i].Name, steps[k].At-s.Warmup)
			}
		}
	}
}

// step adds a change to the subject that it names.
func (p *parser) step(s *Scenario, item *strictyaml.Node, at time.Duration, set *strictyaml.Node) {
	switch {
	case set == nil:
		p.problem(item, "set is missing; want what changes, such as set: {subject: gcra, rate: 50/s}")
		return
	case set.Kind() != strictyaml.Map:
		p.problem(set, "set is %s; want a map of what changes, such as {subject: gcra, rate: 50/s}", set.Describe())
		return
	}
	named := set.Get("subject")
	i := slices.IndexFunc(s.Subjects, func(sub Subject) bool { return named != nil && sub.Name == named.String() })
	if i < 0 {
		p.noSubject(s, named, set)
		return
	}
	sub := &s.Subjects[i]
	switch {
	case sub.full == nil: // which has a problem of its own
	case !sub.limiter.Sets:
		p.problem(named, "%s cannot change its limit while it runs; want one of fcbench's own that can, such as gcra or redis-gcra", sub.Kind)
	case len(sub.classes) > 0:
		p.problem(named, "%s has limits by class, and a step would change one alone; want no classes", sub.Name)
	case len(set.Items()) == 1:
		p.problem(set, "set changes nothing; want a value beside the subject, such as rate: 50/s")
	default:
		p.changed(sub, at, set)
	}
}

// noSubject is about a step that names none of the subjects.
func (p *parser) noSubject(s *Scenario, named, set *strictyaml.Node) {
	is := "missing"
	if named != nil {
		is = named.Describe()
	}
	var names []string
	for _, sub := range s.Subjects {
		names = append(names, sub.Name)
	}
	p.problem(cmp.Or(named, set), "subject of a step is %s; want one of %s", is, strings.Join(names, ", "))
}

// changed settles the limit that a subject has from at on: the one that it was
// given, with some values changed.
func (p *parser) changed(sub *Subject, at time.Duration, set *strictyaml.Node) {
	with := strictyaml.NewMap(set.Pos().Origin)
	for key, value := range sub.full.All() {
		if key != "hold" {
			with.Put(key, value)
		}
	}
	for key, value := range set.All() {
		if key == "kind" {
			p.problem(value, "kind stands among the values of a step; want the kind of the subject's limiter (switchable changes it)")
			return
		}
		if key != "subject" {
			with.Put(key, value)
		}
	}
	l, _, full := part(p, builtin.Limiters(builtin.Env{}), with)
	if full == nil {
		return
	}
	sub.steps = append(sub.steps, targets.Step{At: at, Limit: builtin.Describe(l).Info.Limit})
}

// Steps reports whether its limit changes while it runs.
func (s Subject) Steps() bool { return len(s.steps) > 0 }
