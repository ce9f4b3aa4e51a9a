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
