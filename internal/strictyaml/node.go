// Package strictyaml reads the documents that users write, scenario files and
// the like, and refuses what it does not understand.
//
// [Parse] turns YAML into a tree of [Node]s that know where they stand; flags
// build the same tree with [NewMap] and its siblings, or change a file's with
// [Node.Set]. [Decode] fills Go structs from it by their yaml tags. A scalar is
// read by the Go type that wants it and by nothing else, so no value changes
// its meaning by looking like a date, an octal number or a boolean. Unknown and
// duplicate keys are refused, and every [Problem] is reported, with its
// position. [Encode] writes a struct back as JSON under the same names.
package strictyaml

import (
	"fmt"
	"iter"
	"slices"
)

// Kind is the shape of a node.
type Kind uint8

// The kinds of nodes.
const (
	Scalar Kind = iota + 1
	List
	Map
)

// Pos is where a node was written: a place in a file, or a flag, which has no lines.
type Pos struct {
	Origin       string // file or flag name
	Line, Column int    // from 1; 0 where there are none
}

// String returns "file:line:column", or the bare name of a flag.
func (p Pos) String() string {
	if p.Line == 0 {
		return p.Origin
	}
	return fmt.Sprintf("%s:%d:%d", p.Origin, p.Line, p.Column)
}

// Node is a scalar, a list or a map of a document.
type Node struct {
	kind   Kind
	pos    Pos
	text   string  // of a scalar
	plain  bool    // a scalar without quotes: it may mean null, and a number in JSON
	keys   []*Node // of a map, beside values
	values []*Node // of a map or a list
	typed  *typed  // of a flag's value, until it is settled or changed
}

// NewMap returns an empty map that came from origin, such as "--limit".
func NewMap(origin string) *Node { return &Node{kind: Map, pos: Pos{Origin: origin}} }

// NewList returns an empty list that came from origin.
func NewList(origin string) *Node { return &Node{kind: List, pos: Pos{Origin: origin}} }

// NewScalar returns a scalar that came from origin, as if text stood in a file without quotes.
func NewScalar(origin, text string) *Node {
	return &Node{kind: Scalar, pos: Pos{Origin: origin}, text: text, plain: true}
}

// NewText returns a scalar that came from origin and is text, whatever it looks
// like: as if it stood in a file in quotes.
func NewText(origin, text string) *Node {
	return &Node{kind: Scalar, pos: Pos{Origin: origin}, text: text}
}

// Kind returns the node's shape.
func (n *Node) Kind() Kind { return n.kind }

// Pos returns where the node was written.
func (n *Node) Pos() Pos { return n.pos }

// String returns the text of a scalar, or "" for other nodes.
func (n *Node) String() string {
	if n == nil {
		return ""
	}
	return n.text
}

// IsNull reports whether the node is a scalar without a value: empty, ~ or null.
func (n *Node) IsNull() bool {
	if n.kind != Scalar || !n.plain {
		return false
	}
	switch n.text {
	case "", "~", "null", "Null", "NULL":
		return true
	}
	return false
}

// Get returns the value of key in a map, or nil. It may be called on nil, so
// that n.Get("load").Get("model") needs no check in between.
func (n *Node) Get(key string) *Node {
	if n == nil {
		return nil
	}
	for i, k := range n.keys {
		if k.text == key {
			return n.values[i]
		}
	}
	return nil
}

// Put sets key of a map to value.
func (n *Node) Put(key string, value *Node) {
	n.typed = nil
	for i, k := range n.keys {
		if k.text == key {
			n.values[i] = value
			return
		}
	}
	n.keys = append(n.keys, &Node{kind: Scalar, pos: value.pos, text: key})
	n.values = append(n.values, value)
}

// Clone returns a copy that can be changed on its own.
func (n *Node) Clone() *Node {
	c := *n
	c.keys, c.values = make([]*Node, len(n.keys)), make([]*Node, len(n.values))
	for i, key := range n.keys {
		c.keys[i] = key.Clone()
	}
	for i, value := range n.values {
		c.values[i] = value.Clone()
	}
	return &c
}

// Remove takes key and its value out of a map, if it is there.
func (n *Node) Remove(key string) {
	at := slices.IndexFunc(n.keys, func(k *Node) bool { return k.text == key })
	if at >= 0 {
		n.typed, n.keys, n.values = nil, slices.Delete(n.keys, at, at+1), slices.Delete(n.values, at, at+1)
	}
}

// Append adds a value to a list.
func (n *Node) Append(value *Node) {
	n.typed = nil
	n.values = append(n.values, value)
}

// Items returns the values of a list or of a map, in order.
func (n *Node) Items() []*Node {
	if n == nil {
		return nil
	}
	return n.values
}

// All ranges over the keys and values of a map, in order.
func (n *Node) All() iter.Seq2[string, *Node] {
	return func(yield func(string, *Node) bool) {
		if n == nil {
			return
		}
		for i, key := range n.keys {
			if !yield(key.text, n.values[i]) {
				return
			}
		}
	}
}

// Describe says what stands there, for messages: a scalar in quotes, or what else
// it is.
func (n *Node) Describe() string {
	switch {
	case n.kind == Map:
		return "a map"
	case n.kind == List:
		return "a list"
	case n.IsNull():
		return "empty"
	}
	return fmt.Sprintf("%q", n.text)
}
