package strictyaml

import (
	"bytes"
	"encoding/json"
	"strings"
)

// ToJSON writes the node as JSON, keys in the order of the document. Plain
// scalars that are JSON numbers, true, false or null are written as such, all
// others as strings.
func (n *Node) ToJSON() json.RawMessage {
	var b bytes.Buffer
	n.writeJSON(&b)
	return b.Bytes()
}

func (n *Node) writeJSON(b *bytes.Buffer) {
	switch n.kind {
	case Map:
		b.WriteByte('{')
		for i, key := range n.keys {
			separate(b, i)
			writeString(b, key.text)
			b.WriteByte(':')
			n.values[i].writeJSON(b)
		}
		b.WriteByte('}')
	case List:
		b.WriteByte('[')
		for i, item := range n.values {
			separate(b, i)
			item.writeJSON(b)
		}
		b.WriteByte(']')
	default:
		n.writeScalar(b)
	}
}

func (n *Node) writeScalar(b *bytes.Buffer) {
	switch {
	case n.IsNull():
		b.WriteString("null")
	case n.plain && isJSON(n.text):
		b.WriteString(n.text)
	default:
		writeString(b, n.text)
	}
}

// isJSON reports whether text is a JSON number, true or false.
func isJSON(text string) bool {
	if text == "true" || text == "false" {
		return true
	}
	return strings.Trim(text, "+-.eE0123456789") == "" && json.Valid([]byte(text))
}

func separate(b *bytes.Buffer, i int) {
	if i > 0 {
		b.WriteByte(',')
	}
}

// writeString writes text as a JSON string without escaping <, > and &.
func writeString(b *bytes.Buffer, text string) {
	enc := json.NewEncoder(b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(text); err != nil {
		panic("strictyaml: " + err.Error()) // a buffer and a string cannot fail
	}
	b.Truncate(b.Len() - 1) // Encode's newline
}
