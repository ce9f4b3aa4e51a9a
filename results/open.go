package results

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
)

// Some objects of the file are open: other versions write members in them that
// this one does not know, or writes otherwise. What is not understood is kept as
// it was read, so that a file is whole when it is written again.

// Setting is a member of an object of the file.
type Setting struct {
	Name  string
	Value json.RawMessage
}

// Settings lists the members of a JSON object in their order, as far as it can
// be read; nil when it is none.
func Settings(object json.RawMessage) []Setting {
	list, _ := members(object)
	return list
}

// Text is the value as the user wrote it. An object reads as its kind and what
// that was told: {"kind": "burst", "rate": "2k/s"} as "burst rate 2k/s". A member
// that is called as the kind is told by its value alone.
func (s Setting) Text() string {
	var text string
	if json.Unmarshal(s.Value, &text) == nil {
		return text
	}
	if !bytes.HasPrefix(s.Value, []byte("{")) {
		return string(s.Value)
	}
	var words []string
	for _, m := range Settings(s.Value) {
		if m.Name != "kind" && !slices.Equal(words, []string{m.Name}) {
			words = append(words, m.Name)
		}
		words = append(words, m.Text())
	}
	return strings.Join(words, " ")
}

func members(object json.RawMessage) ([]Setting, error) {
	d := json.NewDecoder(bytes.NewReader(object))
	if open, err := d.Token(); err != nil || open != json.Delim('{') {
		return nil, fmt.Errorf("value is %.40s; want an object", object)
	}
	var list []Setting
	for d.More() {
		name, err := d.Token()
		var value json.RawMessage
		if err == nil {
			err = d.Decode(&value)
		}
		if err != nil {
			return list, err
		}
		list = append(list, Setting{fmt.Sprint(name), value})
	}
	return list, nil
}

// readOpen reads an object into the struct that into points to. It returns the
// members that found no place there, or not with all that they hold.
func readOpen(object []byte, into any) (rest []Setting, err error) {
	if bytes.Equal(object, []byte("null")) {
		return nil, nil
	}
	list, err := members(object)
	fields := fieldsOf(reflect.ValueOf(into).Elem())
	for _, m := range list {
		at := slices.IndexFunc(fields, func(f field) bool { return f.name == m.Name })
		if at < 0 || !fields[at].read(m.Value) {
			rest = append(rest, m)
		}
	}
	return rest, err
}

// writeOpen writes a struct, and what was not understood of it as it was read.
func writeOpen(from any, rest []Setting) ([]byte, error) {
	var list []Setting
	for _, f := range fieldsOf(reflect.ValueOf(from)) {
		kept := slices.ContainsFunc(rest, func(m Setting) bool { return m.Name == f.name })
		if !kept && !(f.omitted && f.value.IsZero()) {
			list = append(list, Setting{f.name, plainJSON(f.value.Interface())})
		}
	}
	return objectOf(append(list, rest...)), nil
}

// objectOf is the JSON object with these members.
func objectOf(list []Setting) json.RawMessage {
	object := []byte{'{'}
	for i, m := range list {
		if i > 0 {
			object = append(object, ',')
		}
		object = append(append(append(object, plainJSON(m.Name)...), ':'), m.Value...)
	}
	return append(object, '}')
}

// field is one that has a name in the file.
type field struct {
	name    string
	omitted bool // when zero
	value   reflect.Value
}

// read reports whether the field holds all of the value now. What cannot be read
// leaves it zero, and so does null, which stays what it is: what is not known is no 0.
func (f field) read(value []byte) (wholly bool) {
	f.value.SetZero()
	if bytes.Equal(value, []byte("null")) {
		return false
	}
	if json.Unmarshal(value, f.value.Addr().Interface()) != nil {
		f.value.SetZero()
		return false
	}
	strict := json.NewDecoder(bytes.NewReader(value))
	strict.DisallowUnknownFields()
	return strict.Decode(reflect.New(f.value.Type()).Interface()) == nil
}

func fieldsOf(v reflect.Value) (all []field) {
	for i := range v.NumField() {
		if name, options, _ := strings.Cut(v.Type().Field(i).Tag.Get("json"), ","); name != "" {
			all = append(all, field{name, options != "", v.Field(i)})
		}
	}
	return all
}

// plainJSON leaves < and > as they are, which thresholds have. What it is given
// can always be written: text, whole numbers, and finite ones.
func plainJSON(v any) []byte {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	_ = e.Encode(v)
	return bytes.TrimSpace(b.Bytes())
}
