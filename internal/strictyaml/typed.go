package strictyaml

import "strings"

// typed is what stood in a flag whose value may be text as well as YAML. Which
// of the two it is, the field says that it ends up in.
type typed struct {
	text    string
	problem error // why it is no YAML; then the node is a scalar
}

// Value reads the text of a flag: lists and maps in YAML's flow form
// ("{kind: burst, on: 50ms}"), anything else as a scalar. A field of text takes
// it as it was typed, whatever it looks like: {"a": 1} is a map to one field and
// the body of a request to another.
func Value(origin, text string) *Node {
	n := NewScalar(origin, text)
	var problem error
	if strings.HasPrefix(text, "{") || strings.HasPrefix(text, "[") {
		flow, err := Parse(origin, []byte(text))
		if problem = err; err == nil {
			n = flow
		}
	}
	n.typed = &typed{text, problem}
	return n
}

// settle makes a flag's value the text that was typed, for good: what is written
// down of the document afterwards is text too. It does nothing to other nodes.
func (n *Node) settle() {
	if n.typed != nil {
		*n = Node{kind: Scalar, pos: n.pos, text: n.typed.text}
	}
}

// broken is why a flag's value is not the list or map that it looks like.
func (n *Node) broken() error {
	if n.typed == nil {
		return nil
	}
	return n.typed.problem
}

// Texts is one text, or a list of them: a scalar in a document stands for a list
// of one, and is written as such.
type Texts []string
