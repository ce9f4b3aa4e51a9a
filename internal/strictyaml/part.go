package strictyaml

import "strings"

// Part reads a node that describes a part: a map with a kind among its keys, or
// the short form "kind:argument:argument". It says which kind, "" where there
// is none, and how the rest fills the kind's config.
func Part(n *Node) (kind string, decode func(into any) error) {
	if n.Kind() == Scalar {
		args := strings.Split(n.String(), ":")
		return args[0], func(into any) error {
			return DecodePositional(args[1:], n.Pos().String(), into).Err()
		}
	}
	return n.Get("kind").String(), func(into any) error { return Decode(n, into, "kind").Err() }
}

// Spelled is a part in the short form as the map that it stands for, so that its values
// can be changed one by one; config is what it is decoded into. Others, and those with
// too many arguments, are as they were.
func Spelled(n *Node, config any) *Node {
	if n.Kind() != Scalar {
		return n
	}
	args, fields := strings.Split(n.String(), ":"), positional(structValue(config).Type())
	if len(args)-1 > len(fields) {
		return n
	}
	out := &Node{kind: Map, pos: n.pos}
	out.Put("kind", &Node{kind: Scalar, pos: n.pos, text: args[0], plain: true})
	for i, arg := range args[1:] {
		if arg != "" {
			out.Put(fields[i].name, &Node{kind: Scalar, pos: n.pos, text: arg, plain: true})
		}
	}
	return out
}
