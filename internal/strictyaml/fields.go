package strictyaml

import (
	"encoding"
	"fmt"
	"reflect"
	"strings"
	"time"
)

// Field describes one key of a config struct, for listings.
type Field struct {
	Name    string
	Type    string // in words, such as "rate", "whole number", "list of text"
	Default string // as it would be written; "" when there is none
}

// Fields lists the keys of a config struct in the order of their declaration;
// the values in config are the defaults.
func Fields(config any) []Field {
	v := structValue(config)
	var all []Field
	for _, f := range fieldsOf(v.Type()) {
		field := Field{Name: f.name, Type: typeName(f.typ)}
		if n := toNode(v.FieldByIndex(f.index)); n != nil && n.kind == Scalar {
			field.Default = n.text
		} else if n != nil {
			field.Default = string(n.ToJSON())
		}
		all = append(all, field)
	}
	return all
}

// Usage returns the form that [DecodePositional] reads, such as "zipf:EXPONENT:N".
func Usage(name string, config any) string {
	for _, f := range positional(structValue(config).Type()) {
		name += ":" + strings.ToUpper(f.name)
	}
	return name
}

// field is one key of a struct type.
type field struct {
	name      string
	index     []int
	typ       reflect.Type
	omitEmpty bool
}

// fieldsOf lists the fields that have a yaml tag, in the order of their
// declaration; inlined structs contribute theirs. Fields without a tag are not
// configuration.
func fieldsOf(t reflect.Type) []field {
	var all []field
	for i := range t.NumField() {
		sf := t.Field(i)
		tag, ok := sf.Tag.Lookup("yaml")
		name, options, _ := strings.Cut(tag, ",")
		switch {
		case !ok || name == "-":
		case options == "inline":
			for _, inner := range fieldsOf(sf.Type) {
				inner.index = append([]int{i}, inner.index...)
				all = append(all, inner)
			}
		default:
			all = append(all, field{name, []int{i}, sf.Type, options == "omitempty"})
		}
	}
	return all
}

// positional lists the fields that a single argument can fill.
func positional(t reflect.Type) []field {
	var all []field
	for _, f := range fieldsOf(t) {
		if isScalar(f.typ) {
			all = append(all, f)
		}
	}
	return all
}

// structValue returns the struct that v is or points to.
func structValue(v any) reflect.Value {
	s := reflect.Indirect(reflect.ValueOf(v))
	if s.Kind() != reflect.Struct {
		panic(fmt.Sprintf("strictyaml: %T is not a struct", v))
	}
	return s
}

var (
	textsType    = reflect.TypeFor[Texts]()
	nodeType     = reflect.TypeFor[*Node]()
	durationType = reflect.TypeFor[time.Duration]()
	readerType   = reflect.TypeFor[encoding.TextUnmarshaler]()
)

// readsText reports whether a pointer to t is an encoding.TextUnmarshaler.
func readsText(t reflect.Type) bool { return reflect.PointerTo(t).Implements(readerType) }

func isScalar(t reflect.Type) bool {
	switch {
	case readsText(t):
		return true
	case t == nodeType:
		return false
	case t.Kind() == reflect.Pointer:
		return isScalar(t.Elem())
	}
	return t.Kind() != reflect.Struct && t.Kind() != reflect.Slice && t.Kind() != reflect.Map
}

// typeName says in words what a field of type t takes. It panics on types that
// no document can fill, which is a mistake in the program.
func typeName(t reflect.Type) string {
	switch {
	case t == nodeType:
		return "any"
	case t == textsType:
		return "text or list of text"
	case readsText(t):
		name, _, _ := strings.Cut(t.Name(), "[") // without type arguments
		return strings.ToLower(name)
	case t == durationType:
		panic("strictyaml: field is a time.Duration; want a units.Duration, which knows its unit")
	}
	switch t.Kind() {
	case reflect.Pointer:
		return typeName(t.Elem())
	case reflect.Slice:
		return "list of " + typeName(t.Elem())
	case reflect.Map, reflect.Struct:
		return "map"
	case reflect.String:
		return "text"
	case reflect.Bool:
		return "true or false"
	case reflect.Float32, reflect.Float64:
		return "number"
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64,
		reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return "whole number"
	}
	panic(fmt.Sprintf("strictyaml: fields of type %v are not supported", t))
}
