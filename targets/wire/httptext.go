package wire

import (
	"bytes"
	"encoding/binary"
)

// text is the beginning of a value that is kept for the end of the answer.
type text struct {
	n    uint8
	full [64]byte
}

// set keeps the first value there is. What is too long for it can be no date and
// no number.
func (t *text) set(value []byte) {
	if t.n == 0 && len(value) > 0 {
		t.n = uint8(copy(t.full[:], value))
		if len(value) > len(t.full) {
			t.full[0] = '?'
		}
	}
}

func (t *text) String() string { return string(t.full[:t.n]) }

// same reports whether name is lower, in letters of any case.
func same(name []byte, lower string) bool {
	if len(name) != len(lower) {
		return false
	}
	for i := range len(lower) {
		c := name[i]
		if 'A' <= c && c <= 'Z' {
			c |= 0x20
		}
		if c != lower[i] {
			return false
		}
	}
	return true
}

// listed reports whether a list has the member lower.
func listed(list []byte, lower string) bool {
	for len(list) > 0 {
		member := list
		if i := bytes.IndexByte(list, ','); i >= 0 {
			member, list = list[:i], list[i+1:]
		} else {
			list = nil
		}
		if same(trim(member), lower) {
			return true
		}
	}
	return false
}

// validHeader reports whether a header is made of what it may be made of. Spaces in
// a name make it one that nobody knows, but are let pass, as net/http does.
func validHeader(name, value []byte) bool {
	for _, c := range name {
		if c >= 0x7f || separators[c>>6]>>(c&63)&1 != 0 {
			return false
		}
	}
	for len(value) >= 8 {
		if w := binary.LittleEndian.Uint64(value); suspect(w) && !plain(value[:8]) {
			return false
		}
		value = value[8:]
	}
	return plain(value)
}

// separators are the bytes up to 0x7e that no name holds.
var separators = [2]uint64{
	1<<32 - 1 | 1<<'"' | 1<<'(' | 1<<')' | 1<<',' | 1<<'/' | 1<<':' | 1<<';' | 1<<'<' | 1<<'=' | 1<<'>' | 1<<'?',
	1<<('@'-64) | 1<<('['-64) | 1<<('\\'-64) | 1<<(']'-64) | 1<<('{'-64) | 1<<('}'-64),
}

// suspect reports whether one of eight bytes may be a control character: is less
// than a space, or 0x7f.
func suspect(w uint64) bool {
	const ones, tops = 0x0101010101010101, 0x8080808080808080
	deleted := w ^ 0x7f*ones
	return ((w-0x20*ones)&^w|(deleted-ones)&^deleted)&tops != 0
}

func plain(value []byte) bool {
	for _, c := range value {
		if c < ' ' && c != '\t' || c == 0x7f {
			return false
		}
	}
	return true
}

// trim takes spaces and tabs off both ends.
func trim(text []byte) []byte {
	for len(text) > 0 && (text[0] == ' ' || text[0] == '\t') {
		text = text[1:]
	}
	for n := len(text) - 1; n >= 0 && (text[n] == ' ' || text[n] == '\t'); n-- {
		text = text[:n]
	}
	return text
}
