package strictyaml

import (
	"reflect"
	"strconv"
	"strings"

	"github.com/fcbench/fcbench/internal/units"
)

// scalar fills a bool, a number or a string from the scalar's text. Numbers
// are decimal: 010 is ten.
func (d *decoder) scalar(n *Node, v reflect.Value, what string) {
	if v.Kind() == reflect.String {
		n.settle()
	}
	if n.kind != Scalar || n.IsNull() || !setScalar(v, n.text) {
		d.mismatch(n, v.Type(), what)
	}
}

// setScalar reports whether text is a value of v's type, and sets it if so.
func setScalar(v reflect.Value, text string) bool {
	switch {
	case v.Kind() == reflect.String:
		v.SetString(text)
	case v.Kind() == reflect.Bool:
		v.SetBool(text == "true")
		return text == "true" || text == "false"
	case v.CanInt():
		i, err := strconv.ParseInt(digitsOf(text), 10, v.Type().Bits())
		v.SetInt(i)
		return err == nil
	case v.CanUint():
		u, err := strconv.ParseUint(digitsOf(text), 10, v.Type().Bits())
		v.SetUint(u)
		return err == nil
	case v.CanFloat():
		f, err := strconv.ParseFloat(text, v.Type().Bits())
		v.SetFloat(f)
		return err == nil && strings.Trim(text, "+-.eE0123456789") == ""
	}
	return true
}

// digitsOf writes out what is written as counts are, such as 12k.
func digitsOf(text string) string {
	if n, err := units.ParseCount(text); err == nil {
		return strconv.FormatInt(int64(n), 10)
	}
	return text
}

// mismatch reports a node that is not of type t.
func (d *decoder) mismatch(n *Node, t reflect.Type, what string) {
	want := wanted(t)
	if t.Kind() == reflect.String && n.kind != Scalar {
		want += ", in quotes"
	}
	d.problem(n, "%s is %s; want %s", what, n.Describe(), want)
}

// wanted is typeName with its article and, for integers, their range.
func wanted(t reflect.Type) string {
	name, zero := typeName(t), reflect.Zero(t)
	switch {
	case readsText(t) && t.Kind() == reflect.Slice:
		return name + ", as text with commas or a list of text"
	case readsText(t):
		return withArticle(name)
	case zero.CanUint() && t.Bits() == 64:
		return "a whole number of 0 or more"
	case zero.CanUint():
		return "a whole number from 0 to " + strconv.FormatUint(1<<t.Bits()-1, 10)
	case zero.CanInt() && t.Bits() < 64:
		half := int64(1) << (t.Bits() - 1)
		return "a whole number from " + strconv.FormatInt(-half, 10) + " to " + strconv.FormatInt(half-1, 10)
	case t.Kind() == reflect.Bool, t.Kind() == reflect.String:
		return name
	}
	return withArticle(name)
}

func withArticle(name string) string {
	switch {
	case strings.HasSuffix(name, "s"):
		return name
	case strings.ContainsRune("aeiou", rune(name[0])):
		return "an " + name
	}
	return "a " + name
}
