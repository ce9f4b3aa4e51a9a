package scenario

import (
	"fmt"
	"slices"
	"strings"

	"github.com/fcbench/fcbench/internal/builtin"
	"github.com/fcbench/fcbench/internal/strictyaml"
	"github.com/fcbench/fcbench/limiters"
)

// class is a class of arrivals whose limiter differs from the subject's.
type class struct {
	own     bool // it has one
	config  any  // of that
	carried bool // its calls can be carried without a client
	info    limiters.Info
}

// classes settles the limits that streams have of their own: the subject's
// limiter, with some values changed.
func (p *parser) classes(s *Scenario, out *Subject, n *strictyaml.Node) {
	if n == nil || out.full == nil || s.Workload == nil {
		return
	}
	names := streamNames(s.Workload)
	if len(names) == 0 {
		p.problem(n, "classes stands beside a workload of one stream; want streams, such as streams: [{name: batch, …}, …]")
		return
	}
	if n.Kind() != strictyaml.Map {
		p.problem(n, "classes is %s; want values by stream, such as {%s: {rate: 10/s}}", n, strings.Join(names, ": …, "))
		return
	}
	out.classes = make([]class, len(names))
	for name, values := range n.All() {
		i := slices.Index(names, name)
		if i < 0 {
			p.problem(values, "class is %q; want one of the workload's streams: %s", name, strings.Join(names, ", "))
			continue
		}
		out.classes[i] = p.class(out, values)
	}
	out.full.Put("classes", n)
}

func (p *parser) class(out *Subject, values *strictyaml.Node) class {
	if values.Kind() != strictyaml.Map {
		p.problem(values, "values of a class are %s; want them by name, such as {rate: 10/s}", values)
		return class{}
	}
	own := strictyaml.NewMap(values.Pos().Origin)
	for key, value := range out.full.All() {
		if key != "hold" && key != "classes" {
			own.Put(key, value)
		}
	}
	for key, value := range values.All() {
		switch {
		case key == "kind":
			p.problem(value, "kind stands among the values of a class; want the kind of the subject's limiter")
			continue
		case out.limiter.Client != "" && (key == "client" || key == "connections" || key == "pipeline"):
			p.problem(value, "%s stands among the values of a class; want it among those of the subject's limiter, as one client asks for all classes", key)
			continue
		}
		own.Put(key, value)
	}
	l, config, full := part(p, builtin.Limiters(builtin.Env{}), own)
	if full == nil {
		return class{}
	}
	d := builtin.Describe(l) // which closes it: it was only to be checked
	return class{own: true, config: config, carried: d.Carried, info: d.Info}
}

// newClasses makes the limiters of the classes that have their own.
func (s Subject) newClasses(env builtin.Env) ([]limiters.Limiter, error) {
	var all []limiters.Limiter
	for i, c := range s.classes {
		var l limiters.Limiter
		if c.own {
			own := env
			own.Prefix = fmt.Sprintf("%sclass%d:", env.Prefix, i) // keys of their own
			var err error
			if l, err = builtin.Limiters(own).Make(s.Kind, c.config); err != nil {
				for _, made := range all {
					builtin.Discard(made)
				}
				return nil, err
			}
		}
		all = append(all, l)
	}
	return all, nil
}
