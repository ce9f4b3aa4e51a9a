package strictyaml

import (
	"bytes"
	"errors"
	"io"
	"unicode/utf8"

	"go.yaml.in/yaml/v4"
)

// maxCopies bounds the nodes that aliases may expand to, so that a short
// document cannot grow without end.
const maxCopies = 10_000

// Parse reads one YAML document; name is the file's name in positions. Aliases
// are expanded; tags, merge keys and keys that are not scalars are refused, and
// the tree without them is returned beside the error, to be searched for more.
func Parse(name string, src []byte) (*Node, error) {
	doc, err := compose(name, src)
	if err != nil {
		return nil, err
	}
	c := converter{name: name}
	n := c.node(doc.Content[0])
	if c.copies > maxCopies {
		return nil, n.Problemf("aliases expand to more than %d values; want fewer", maxCopies)
	}
	return n, c.problems.Err()
}

// compose returns the only document of src.
func compose(name string, src []byte) (*yaml.Node, error) {
	if is := packed(src); is != "" {
		return nil, Problem{Pos{Origin: name}, "file is " + is + "; want text in UTF-8, unpacked"}
	}
	loader, err := yaml.NewLoader(bytes.NewReader(src))
	if err != nil {
		return nil, err
	}
	var doc, second yaml.Node
	if err := loader.Load(&doc); errors.Is(err, io.EOF) {
		return nil, Problem{Pos{Origin: name}, "document is empty; want a map"}
	} else if err != nil {
		return nil, syntaxProblem(name, err)
	}
	if err := loader.Load(&second); err == nil {
		return nil, Problem{Pos{name, second.Line, second.Column}, "file has a second document; want one"}
	} else if !errors.Is(err, io.EOF) {
		return nil, syntaxProblem(name, err)
	}
	return &doc, nil
}

// packed says how a file is compressed; "" of one that is not.
func packed(src []byte) string {
	for begins, is := range map[string]string{
		"\x1f\x8b": "compressed by gzip", "\x28\xb5\x2f\xfd": "compressed by zstd", "\xfd7zXZ\x00": "compressed by xz",
		"BZh": "compressed by bzip2", "PK\x03\x04": "a zip archive",
	} {
		if bytes.HasPrefix(src, []byte(begins)) && !utf8.Valid(src) {
			return is
		}
	}
	return ""
}

func syntaxProblem(name string, err error) Problem {
	var syntax *yaml.LoadError
	if !errors.As(err, &syntax) {
		return Problem{Pos{Origin: name}, err.Error()}
	}
	msg := syntax.Message
	if syntax.ContextMsg != "" {
		msg += " " + syntax.ContextMsg
	}
	return Problem{Pos{name, syntax.Mark.Line, syntax.Mark.Column}, msg}
}

// converter turns the library's nodes into ours.
type converter struct {
	name     string
	aliases  int // depth of aliases around the current node
	copies   int
	problems Problems
}

func (c *converter) node(y *yaml.Node) *Node {
	n := &Node{pos: Pos{c.name, y.Line, y.Column}}
	if c.aliases > 0 {
		c.copies++
	}
	if c.copies > maxCopies {
		return n
	}
	if y.Style&yaml.TaggedStyle != 0 {
		c.problem(n, "tag %s is not supported; want the value without it", y.Tag)
	}
	switch y.Kind {
	case yaml.AliasNode:
		return c.alias(y)
	case yaml.MappingNode:
		n.kind = Map
		c.pairs(n, y.Content)
	case yaml.SequenceNode:
		n.kind = List
		for _, item := range y.Content {
			n.values = append(n.values, c.node(item))
		}
	default:
		n.kind, n.text = Scalar, y.Value
		n.plain = y.Style&(yaml.SingleQuotedStyle|yaml.DoubleQuotedStyle|yaml.LiteralStyle|yaml.FoldedStyle) == 0
	}
	return n
}

// pairs converts the content of a map, in which keys and values alternate.
func (c *converter) pairs(n *Node, content []*yaml.Node) {
	for i := 0; i+1 < len(content); i += 2 {
		key, value := c.node(content[i]), c.node(content[i+1])
		switch {
		case key.kind != Scalar:
			c.problem(key, "key is %s; want text", key.Describe())
		case key.plain && key.text == "<<":
			c.problem(key, "merge key << is not supported; want the keys themselves")
		default:
			n.keys = append(n.keys, key)
			n.values = append(n.values, value)
		}
	}
}

// alias returns a copy of what the alias stands for, so that changing one
// place never changes another. An alias within itself ends at maxCopies.
func (c *converter) alias(y *yaml.Node) *Node {
	c.aliases++
	defer func() { c.aliases-- }()
	return c.node(y.Alias)
}

func (c *converter) problem(n *Node, format string, args ...any) {
	c.problems = append(c.problems, n.Problemf(format, args...))
}
