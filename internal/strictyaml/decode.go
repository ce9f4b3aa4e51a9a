package strictyaml

import (
	"encoding"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/fcbench/fcbench/internal/nearest"
)

// Decode fills the struct that into points to from a map. Keys are the fields'
// yaml tags; a field without a tag is not configuration, and "x,inline" stands
// for the fields of a struct. What the document leaves out keeps its value, so
// defaults are set beforehand. Keys in except belong to somebody else.
//
// Fields are bools, numbers, strings, types that unmarshal text, structs,
// pointers, slices and string-keyed maps of these, and *Node, which takes its
// part of the document as it is. A list or a map replaces its default whole.
func Decode(n *Node, into any, except ...string) Problems {
	v := reflect.ValueOf(into)
	if v.Kind() != reflect.Pointer || v.IsNil() {
		panic(fmt.Sprintf("strictyaml: Decode into %T; want a pointer", into))
	}
	var d decoder
	if v.Elem().Kind() == reflect.Struct && !readsText(v.Elem().Type()) {
		d.structure(n, v.Elem(), "document", except)
	} else {
		d.value(n, v.Elem(), "document")
	}
	return d.problems
}

// DecodePositional fills the scalar fields of the struct that into points to,
// in the order of their declaration. An empty argument keeps the default.
func DecodePositional(args []string, origin string, into any) Problems {
	fields := positional(structValue(into).Type())
	n := NewMap(origin)
	if len(args) > len(fields) {
		return Problems{n.Problemf("%d arguments are given; want at most %d (%s)",
			len(args), len(fields), strings.Join(names(fields), ", "))}
	}
	for i, arg := range args {
		if arg != "" {
			n.Put(fields[i].name, NewScalar(origin, arg))
		}
	}
	return Decode(n, into)
}

// decoder collects the problems of one Decode.
type decoder struct{ problems Problems }

func (d *decoder) problem(n *Node, format string, args ...any) {
	d.problems = append(d.problems, n.Problemf(format, args...))
}

// value fills v from n; what names it in messages.
func (d *decoder) value(n *Node, v reflect.Value, what string) {
	switch t := v.Type(); {
	case n.broken() != nil && !isScalar(t) && t != textsType:
		d.problems = append(d.problems, n.At(n.broken())...)
	case t == textsType:
		d.texts(n, v, what)
	case t == nodeType:
		v.Set(reflect.ValueOf(n))
	case readsText(t):
		d.text(n, v, what)
	case t.Kind() == reflect.Pointer:
		d.pointer(n, v, what)
	case t.Kind() == reflect.Struct:
		d.structure(n, v, what, nil)
	case t.Kind() == reflect.Slice:
		d.list(n, v, what)
	case t.Kind() == reflect.Map:
		d.dictionary(n, v, what)
	default:
		d.scalar(n, v, what)
	}
}

// pointer fills a copy of what v points to, because defaults may be shared.
func (d *decoder) pointer(n *Node, v reflect.Value, what string) {
	target := reflect.New(v.Type().Elem())
	if !v.IsNil() {
		target.Elem().Set(v.Elem())
	}
	d.value(n, target.Elem(), what)
	v.Set(target)
}

func (d *decoder) structure(n *Node, v reflect.Value, what string, except []string) {
	fields := fieldsOf(v.Type())
	if n.kind != Map {
		d.problem(n, "%s is %s; want a map with the keys %s", what, n.Describe(),
			strings.Join(append(slices.Clone(except), names(fields)...), ", "))
		return
	}
	d.duplicates(n)
	for i, key := range n.keys {
		at := slices.IndexFunc(fields, func(f field) bool { return f.name == key.text })
		if at >= 0 {
			d.value(n.values[i], v.FieldByIndex(fields[at].index), key.text)
		} else if !slices.Contains(except, key.text) {
			d.unknown(key, append(slices.Clone(except), names(fields)...))
		}
	}
}

func (d *decoder) unknown(key *Node, known []string) {
	if len(known) == 0 {
		d.problem(key, "key %q is unknown; want no keys", key.text)
		return
	}
	d.problem(key, "key %q is unknown; want one of %s", key.text,
		strings.Join(nearest.First(key.text, known), ", "))
}

func (d *decoder) duplicates(n *Node) {
	first := make(map[string]Pos, len(n.keys))
	for _, key := range n.keys {
		if pos, again := first[key.text]; again {
			d.problem(key, "key %q is given twice, first at %s; want it once", key.text, pos)
			continue
		}
		first[key.text] = key.pos
	}
}

func (d *decoder) list(n *Node, v reflect.Value, what string) {
	if n.kind != List {
		d.mismatch(n, v.Type(), what)
		return
	}
	items := reflect.MakeSlice(v.Type(), len(n.values), len(n.values))
	for i, item := range n.values {
		d.value(item, items.Index(i), fmt.Sprintf("%s[%d]", what, i))
	}
	v.Set(items)
}

// texts takes a list of text, and text for a list of one.
func (d *decoder) texts(n *Node, v reflect.Value, what string) {
	if n.kind == List {
		d.list(n, v, what)
		return
	}
	items := reflect.MakeSlice(v.Type(), 1, 1)
	d.value(n, items.Index(0), what)
	v.Set(items)
}

func (d *decoder) dictionary(n *Node, v reflect.Value, what string) {
	if n.kind != Map {
		d.mismatch(n, v.Type(), what)
		return
	}
	d.duplicates(n)
	m := reflect.MakeMapWithSize(v.Type(), len(n.keys))
	for i, key := range n.keys {
		value := reflect.New(v.Type().Elem()).Elem()
		d.value(n.values[i], value, key.text)
		m.SetMapIndex(reflect.ValueOf(key.text).Convert(v.Type().Key()), value)
	}
	v.Set(m)
}

// text hands a scalar to the type itself, whose message names what it reads. A
// slice is written with commas; a list of its parts means the same.
func (d *decoder) text(n *Node, v reflect.Value, what string) {
	if v.Kind() == reflect.Slice && n.kind == List {
		if n = d.joined(n, what); n == nil {
			return
		}
	}
	n.settle()
	if n.kind != Scalar || n.IsNull() {
		d.mismatch(n, v.Type(), what)
		return
	}
	err := v.Addr().Interface().(encoding.TextUnmarshaler).UnmarshalText([]byte(n.text))
	for _, p := range n.At(err) {
		if !strings.HasPrefix(p.Msg, what+" ") {
			p.Msg = what + ": " + p.Msg
		}
		d.problems = append(d.problems, p)
	}
}

// joined writes a list of scalars as one, with commas.
func (d *decoder) joined(n *Node, what string) *Node {
	parts := make([]string, len(n.values))
	before := len(d.problems)
	for i, item := range n.values {
		if parts[i] = item.text; item.kind != Scalar || item.IsNull() {
			d.problem(item, "%s[%d] is %s; want text", what, i, item.Describe())
		}
	}
	if len(d.problems) > before {
		return nil
	}
	return &Node{kind: Scalar, pos: n.pos, text: strings.Join(parts, ",")}
}

func names(fields []field) []string {
	all := make([]string, len(fields))
	for i, f := range fields {
		all[i] = f.name
	}
	return all
}
