package scenario

import (
	"slices"
	"strings"

	"github.com/fcbench/fcbench/generators"
	"github.com/fcbench/fcbench/internal/catalog"
	"github.com/fcbench/fcbench/internal/strictyaml"
)

// parser collects the problems of one document, and what else there is to say of it.
type parser struct {
	problems  strictyaml.Problems
	unread    []strictyaml.Pos // of what could not be read, and is the zero value therefore
	notes     []string
	processes catalog.Catalog[generators.Process]
	requests  []string // that streams name, by class
}

func (p *parser) add(more strictyaml.Problems) { p.problems = append(p.problems, more...) }

// decode reads the document. What it cannot read is a problem, and the only one
// that there is with it.
func (p *parser) decode(doc *strictyaml.Node, into any) {
	p.add(strictyaml.Decode(doc, into))
	for _, problem := range p.problems {
		p.unread = append(p.unread, problem.Pos)
	}
}

// incomplete reports whether the node, or anything in it, could not be read.
func (p *parser) incomplete(n *strictyaml.Node) bool {
	return slices.Contains(p.unread, n.Pos()) || slices.ContainsFunc(n.Items(), p.incomplete)
}

func (p *parser) problem(n *strictyaml.Node, format string, args ...any) {
	if n.Kind() != strictyaml.Map && slices.Contains(p.unread, n.Pos()) { // a map has the place of its first key
		return
	}
	p.problems = append(p.problems, n.Problemf(format, args...))
}

// refused reports whether the very node has a problem already.
func (p *parser) refused(n *strictyaml.Node) bool {
	return slices.ContainsFunc(p.problems, func(known strictyaml.Problem) bool { return known.Pos == n.Pos() })
}

// part builds what a node describes: a map with a kind among its keys, or the
// short form "kind:argument:argument". It returns the part, its config and its full
// description with every default filled in, or a nil description and a problem.
func part[T any](p *parser, kinds catalog.Catalog[T], n *strictyaml.Node) (value T, config any, full *strictyaml.Node) {
	name, decode := strictyaml.Part(n)
	return build(p, kinds, n, name, decode)
}

// build builds a part whose kind is known, with decode for its config.
func build[T any](
	p *parser, kinds catalog.Catalog[T], n *strictyaml.Node, name string, decode func(into any) error,
) (value T, config any, full *strictyaml.Node) {
	if name == "" {
		p.problem(n, "%s has no kind; want one of %s", kinds.Noun(), strings.Join(kinds.Names(), ", "))
		return value, nil, nil
	}
	value, config, err := kinds.Build(name, decode)
	if err != nil {
		p.add(n.At(err))
		var none T // a failed constructor may return a nil pointer in an interface
		return none, nil, nil
	}
	return value, config, describe(name, config)
}

// describe returns {kind: name, …config}.
func describe(name string, config any) *strictyaml.Node {
	full := strictyaml.NewMap("")
	full.Put("kind", strictyaml.NewScalar("", name))
	fields, err := strictyaml.Parse("", strictyaml.Encode(config))
	if err != nil {
		panic("config of " + name + " does not read back: " + err.Error())
	}
	for key, value := range fields.All() {
		full.Put(key, value)
	}
	return full
}

// put builds the part n and adds its description to full under key.
func put[T any](p *parser, full *strictyaml.Node, key string, kinds catalog.Catalog[T], n *strictyaml.Node) T {
	value, _, described := part(p, kinds, n)
	if described != nil {
		full.Put(key, described)
	}
	return value
}
