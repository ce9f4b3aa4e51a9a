package external

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"unicode/utf8"
)

// brief quotes text, or the beginning of one that is too long for an error.
func brief[T string | []byte](text T) string {
	const most = 80
	if len(text) > most {
		return fmt.Sprintf("%q… (%d bytes)", text[:most], len(text))
	}
	return strconv.Quote(string(text))
}

// A reader takes one flat JSON object apart, member by member. It is stricter
// than JSON, where a member may come twice and a number may be anything.
type reader struct {
	rest []byte
	seen [][]byte
}

var errNoObject = errors.New("want one JSON object")

// members calls member with the name and the value, as written, of every member
// of line, which must be one object and nothing else.
func members(line []byte, member func(name, value []byte) error) error {
	r := &reader{rest: line, seen: make([][]byte, 0, 8)}
	if !utf8.Valid(line) || !r.skip('{') {
		return errNoObject
	}
	for first := true; !r.skip('}'); first = false {
		if !first && !r.skip(',') {
			return errNoObject
		}
		name, value, err := r.member()
		if err != nil {
			return err
		}
		if err := member(name, value); err != nil {
			return fmt.Errorf("%s is %s; want %v", brief(name), brief(value), err)
		}
	}
	if r.space(); len(r.rest) > 0 {
		return fmt.Errorf("%s follows the object; want the end of the line", brief(r.rest))
	}
	return nil
}

// member reads "name": value. No name that means anything has an escape in it,
// so names are left as they are written.
func (r *reader) member() (name, value []byte, err error) {
	r.space()
	quoted, ok := r.text()
	if !ok || !r.skip(':') {
		return nil, nil, errNoObject
	}
	for _, other := range r.seen {
		if bytes.Equal(other, quoted) {
			return nil, nil, fmt.Errorf("%s comes twice", quoted)
		}
	}
	r.seen = append(r.seen, quoted)
	r.space()
	value, ok = r.value()
	if !ok {
		return nil, nil, errNoObject
	}
	return quoted[1 : len(quoted)-1], value, nil
}

func (r *reader) space() { r.rest = bytes.TrimLeft(r.rest, " \t\r") }

// skip passes over c, if it is what comes next.
func (r *reader) skip(c byte) bool {
	r.space()
	if len(r.rest) == 0 || r.rest[0] != c {
		return false
	}
	r.rest = r.rest[1:]
	return true
}

// cut returns the next n bytes.
func (r *reader) cut(n int) []byte {
	head := r.rest[:n]
	r.rest = r.rest[n:]
	return head
}

// text returns the string that comes next, in its quotes.
func (r *reader) text() ([]byte, bool) {
	n := textLength(r.rest)
	return r.cut(n), n > 0
}

// textLength is the length of the JSON string that b begins with, or 0.
func textLength(b []byte) int {
	if len(b) == 0 || b[0] != '"' {
		return 0
	}
	for i := 1; i < len(b); i++ {
		switch b[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
	return 0
}

// value returns the value that comes next as it is written. What it is worth is
// found out by whoever knows what it should be.
func (r *reader) value() ([]byte, bool) {
	if len(r.rest) > 0 && r.rest[0] == '"' {
		return r.text()
	}
	depth, i := 0, 0
	for ; i < len(r.rest); i++ {
		switch c := r.rest[i]; {
		case c == '"':
			n := textLength(r.rest[i:])
			if n == 0 {
				return nil, false
			}
			i += n - 1
		case c == '[' || c == '{':
			depth++
		case depth > 0 && (c == ']' || c == '}'):
			depth--
		case depth == 0 && (c == ',' || c == '}' || c == ']'):
			return bytes.TrimRight(r.cut(i), " \t\r"), i > 0
		}
	}
	return nil, false
}

var (
	errUnknown = errors.New("no such member, which fcbench does not know")
	errBool    = errors.New("true or false")
	errWhole   = errors.New("a whole number of 0 or more, in decimal, of 63 bits at most")
	errText    = errors.New("text")
	errTexts   = errors.New("a list of text")
)

func readBool(value []byte, into *bool) error {
	*into = string(value) == "true"
	if !*into && string(value) != "false" {
		return errBool
	}
	return nil
}

// readWhole reads a number with digits alone: no sign, fraction or exponent,
// which are where programs begin to disagree.
func readWhole[T ~int64](value []byte, into *T) error {
	n, err := strconv.ParseUint(string(value), 10, 63)
	if err != nil || len(value) > 1 && value[0] == '0' {
		return errWhole
	}
	*into = T(n)
	return nil
}

func readText(value []byte) (text string, err error) {
	if textLength(value) != len(value) || json.Unmarshal(value, &text) != nil {
		return "", errText
	}
	return text, nil
}

func readTexts(value []byte) (list []string, err error) {
	var texts []*string // where null is none
	if len(value) == 0 || value[0] != '[' || json.Unmarshal(value, &texts) != nil {
		return nil, errTexts
	}
	for _, text := range texts {
		if text == nil {
			return nil, errTexts
		}
		list = append(list, *text)
	}
	return list, nil
}
