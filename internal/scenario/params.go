package scenario

import (
	"fmt"
	"slices"
	"strings"

	"github.com/fcbench/fcbench/internal/strictyaml"
	"github.com/fcbench/fcbench/results"
)

// params settles what tells this scenario from others of a sweep, and gives every
// subject a name that no other combination has.
func (p *parser) params(s *Scenario, d document) {
	if d.Matrix != nil && !d.Matrix.IsNull() {
		p.problem(d.Matrix, "matrix makes several scenarios of this one, and only one is wanted here; want it left out (--set matrix=)")
	}
	if d.Params == nil || len(d.Params.Items()) == 0 {
		return
	}
	all := strictyaml.NewMap("")
	for path, value := range d.Params.All() {
		if value.Kind() != strictyaml.Scalar {
			p.problem(value, "params %s is no text; want path: value", path)
		}
		all.Put(path, strictyaml.NewText("", value.String()))
	}
	s.Params = all.ToJSON()
	for i := range s.Subjects {
		s.Subjects[i].Name = results.CombinedName(s.Subjects[i].Name, s.Params)
	}
}

// Set puts value at a path of a scenario's document, as in [strictyaml.Node.Set].
// A path that begins with limiter or pipeline leads into that of every subject. One that
// the matrix varies has this value alone from then on.
func Set(doc *strictyaml.Node, path string, value *strictyaml.Node) error {
	paths := spread(doc, path)
	if len(paths) == 0 {
		return value.Problemf("%s leads into every %s, and no subject is one; want a subject with a %[2]s", path, shared(path))
	}
	if err := settle(doc, path, value); err != nil {
		return err
	}
	for _, one := range paths {
		if err := doc.Set(one, value.Clone()); err != nil {
			return err
		}
	}
	return nil
}

// settle takes a path out of the matrix, in which nothing else may change what it sets.
func settle(doc *strictyaml.Node, path string, value *strictyaml.Node) error {
	matrix := doc.Get("matrix")
	for swept := range matrix.All() {
		if swept != path && leads(doc, path, swept) {
			return value.Problemf("%s is set, and the matrix sweeps %s; want that path, or a value that it leaves alone", path, swept)
		}
	}
	if matrix.Get(path) == nil {
		return nil
	}
	if matrix.Remove(path); len(matrix.Items()) == 0 {
		doc.Remove("matrix")
	}
	return nil
}

// shared is what a path that leads into all subjects of a family begins with; empty
// for other paths.
func shared(path string) string {
	for _, family := range [...]string{"limiter", "pipeline"} {
		if within(path, family) {
			return family
		}
	}
	return ""
}

// spread is the paths that a path stands for.
func spread(doc *strictyaml.Node, path string) (all []string) {
	family := shared(path)
	if family == "" {
		return []string{path}
	}
	for i, subject := range doc.Get("subjects").Items() {
		if subject.Get(family) != nil {
			all = append(all, fmt.Sprintf("subjects[%d].%s", i, path))
		}
	}
	return all
}

// meet reports whether one of two paths leads to what the other does, or further.
func meet(doc *strictyaml.Node, a, b string) bool { return leads(doc, a, b) || leads(doc, b, a) }

// leads reports whether path leads to a part of what other leads to.
func leads(doc *strictyaml.Node, path, other string) bool {
	return slices.ContainsFunc(spread(doc, path), func(one string) bool {
		return slices.ContainsFunc(spread(doc, other), func(whole string) bool { return within(one, whole) })
	})
}

// within reports whether a path is another one or leads further.
func within(path, other string) bool {
	rest, ok := strings.CutPrefix(path, other)
	return ok && (rest == "" || rest[0] == '.' || rest[0] == '[')
}
