package strictyaml

import (
	"encoding"
	"encoding/json"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// Encode writes a config struct as JSON under its yaml names, so that [Parse]
// and [Decode] give the same struct again. Left out are nil pointers, slices
// and maps, values that marshal to no text, and zero values of fields tagged
// "x,omitempty".
func Encode(config any) json.RawMessage {
	n := toNode(reflect.ValueOf(config))
	if n == nil {
		return json.RawMessage("null")
	}
	return n.ToJSON()
}

// toNode is Decode backwards; nil stands for a value that is left out.
func toNode(v reflect.Value) *Node {
	if !v.IsValid() || v.Kind() == reflect.Pointer && v.IsNil() {
		return nil
	}
	switch value := v.Interface().(type) {
	case *Node:
		return value
	case Texts:
		if len(value) == 1 {
			return toNode(reflect.ValueOf(value[0]))
		}
	case encoding.TextMarshaler:
		return textNode(value)
	}
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		return toNode(v.Elem())
	case reflect.Struct:
		return structNode(v)
	case reflect.Slice:
		return sliceNode(v)
	case reflect.Map:
		return mapNode(v)
	case reflect.String:
		return &Node{kind: Scalar, text: v.String()}
	}
	return &Node{kind: Scalar, text: formatScalar(v), plain: true}
}

func textNode(value encoding.TextMarshaler) *Node {
	text, err := value.MarshalText()
	if err != nil {
		panic("strictyaml: " + err.Error())
	}
	if len(text) == 0 {
		return nil
	}
	return &Node{kind: Scalar, text: string(text)}
}

func structNode(v reflect.Value) *Node {
	n := &Node{kind: Map}
	for _, f := range fieldsOf(v.Type()) {
		value := v.FieldByIndex(f.index)
		if f.omitEmpty && value.IsZero() {
			continue
		}
		if child := toNode(value); child != nil {
			n.Put(f.name, child)
		}
	}
	return n
}

func sliceNode(v reflect.Value) *Node {
	if v.IsNil() {
		return nil
	}
	n := &Node{kind: List}
	for i := range v.Len() {
		if item := toNode(v.Index(i)); item != nil {
			n.Append(item)
		}
	}
	return n
}

func mapNode(v reflect.Value) *Node {
	if v.IsNil() {
		return nil
	}
	keys := v.MapKeys()
	slices.SortFunc(keys, func(a, b reflect.Value) int { return strings.Compare(a.String(), b.String()) })
	n := &Node{kind: Map}
	for _, key := range keys {
		if value := toNode(v.MapIndex(key)); value != nil {
			n.Put(key.String(), value)
		}
	}
	return n
}

func formatScalar(v reflect.Value) string {
	switch {
	case v.CanInt():
		return strconv.FormatInt(v.Int(), 10)
	case v.CanUint():
		return strconv.FormatUint(v.Uint(), 10)
	case v.CanFloat():
		return strconv.FormatFloat(v.Float(), 'g', -1, v.Type().Bits())
	}
	return strconv.FormatBool(v.Bool())
}
