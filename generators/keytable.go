package generators

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
)

// A keyTable numbers the keys of a workload and keeps their names in one
// string, so that a million keys are not a million objects to the garbage
// collector. Streams with one prefix share its keys: one name, one number.
type keyTable struct {
	spaces []keySpace
	names  map[string]uint32 // of recordings, beyond those of spaces
	arena  string
	ends   []uint32 // of names in the arena, by number, after a 0
}

// A keySpace is the keys prefix0, prefix1, … prefix(n-1).
type keySpace struct {
	prefix string
	n      uint64
	first  uint32 // number of key 0, or NoKeyID when the space is too large
}

// newKeyTable numbers the keys of all streams, first those of key laws.
func newKeyTable(streams []stream) (*keyTable, error) {
	t := &keyTable{names: make(map[string]uint32), ends: []uint32{0}}
	for _, s := range streams {
		if s.keys != nil {
			t.include(s.prefix, s.keys.N())
		}
	}
	var arena strings.Builder
	err := t.checkPrefixes()
	if err != nil {
		return nil, err
	}
	for i := range t.spaces {
		t.number(&t.spaces[i], &arena)
	}
	for _, s := range streams {
		if s.keys == nil {
			t.record(s.process.(Recording).Names(), &arena)
		}
	}
	t.arena = arena.String()
	return t, nil
}

// include makes sure that there is a space of the prefix with n keys.
func (t *keyTable) include(prefix string, n uint64) {
	i := slices.IndexFunc(t.spaces, func(s keySpace) bool { return s.prefix == prefix })
	if i < 0 {
		t.spaces = append(t.spaces, keySpace{prefix: prefix, n: n})
	} else {
		t.spaces[i].n = max(t.spaces[i].n, n)
	}
}

// checkPrefixes refuses prefixes such as k and k1, both of which name a key k12.
func (t *keyTable) checkPrefixes() error {
	var problems []error
	for _, a := range t.spaces {
		for _, b := range t.spaces {
			digits, ok := strings.CutPrefix(b.prefix, a.prefix)
			if ok && digits != "" && strings.Trim(digits, "0123456789") == "" {
				problems = append(problems, fmt.Errorf("prefix %q is prefix %q and digits; want prefixes whose keys differ, such as %q",
					b.prefix, a.prefix, b.prefix+"-"))
			}
		}
	}
	return errors.Join(problems...)
}

// number names and numbers the keys of a space, unless it has too many.
func (t *keyTable) number(s *keySpace, arena *strings.Builder) {
	if s.n > uint64(MaxInterned-t.len()) {
		s.first = NoKeyID
		return
	}
	s.first = uint32(t.len())
	name := []byte(s.prefix)
	for i := range s.n {
		arena.Write(strconv.AppendUint(name, i, 10))
		t.ends = append(t.ends, uint32(arena.Len()))
	}
}

// record numbers the names of a recording that are new, while there is room.
func (t *keyTable) record(names []string, arena *strings.Builder) {
	for _, name := range names {
		if _, known := t.find(name); known || t.len() >= MaxInterned || arena.Len()+len(name) > math.MaxUint32 {
			continue
		}
		t.names[name] = uint32(t.len())
		arena.WriteString(name)
		t.ends = append(t.ends, uint32(arena.Len()))
	}
}

// find returns the number of a key, and whether the key is accounted for: a
// key of a space that is too large has NoKeyID for good.
func (t *keyTable) find(name string) (id uint32, known bool) {
	for _, s := range t.spaces {
		decimal, ok := strings.CutPrefix(name, s.prefix)
		if !ok {
			continue
		}
		i, err := strconv.ParseUint(decimal, 10, 64)
		if err == nil && i < s.n && strconv.FormatUint(i, 10) == decimal {
			return s.id(i), true
		}
	}
	if id, known = t.names[name]; known {
		return id, true
	}
	return NoKeyID, false
}

// id returns the number of key i.
func (s keySpace) id(i uint64) uint32 {
	if s.first == NoKeyID {
		return NoKeyID
	}
	return s.first + uint32(i)
}

// space returns the space of a prefix, which exists.
func (t *keyTable) space(prefix string) keySpace {
	return t.spaces[slices.IndexFunc(t.spaces, func(s keySpace) bool { return s.prefix == prefix })]
}

func (t *keyTable) len() int { return len(t.ends) - 1 }

// name returns the name of a numbered key.
func (t *keyTable) name(id uint32) string { return t.arena[t.ends[id]:t.ends[id+1]] }
