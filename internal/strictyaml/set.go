package strictyaml

import (
	"strconv"
	"strings"
)

// step is one part of a path: a key of a map, or an index into a list.
type step struct {
	key   string // "" for an index
	index int
	upTo  string // the path up to here, for messages
}

// Set puts value at path, such as "subjects[0].limiter.rate". Maps on the way
// that do not exist are made; lists are not, and keep their length.
func (n *Node) Set(path string, value *Node) error {
	steps, ok := parsePath(path)
	if !ok {
		return value.Problemf("path is %q; want keys and indices, such as subjects[0].limiter.rate", path)
	}
	parent := n
	for i, s := range steps[:len(steps)-1] {
		parent.typed = nil
		next, err := parent.enter(s, value)
		if err != nil {
			return err
		}
		if next == nil && steps[i+1].key != "" {
			next = &Node{kind: Map, pos: value.pos}
			parent.Put(s.key, next)
		} else if next == nil {
			return value.Problemf("%s is absent; want a list", s.upTo)
		}
		parent = next
	}
	last := steps[len(steps)-1]
	if _, err := parent.enter(last, value); err != nil {
		return err
	}
	if last.key != "" {
		parent.Put(last.key, value)
	} else {
		parent.values[last.index], parent.typed = value, nil
	}
	return nil
}

// enter returns the node that s leads to from n, or nil where a map has nothing for the key.
func (n *Node) enter(s step, value *Node) (*Node, error) {
	parent := strings.TrimSuffix(strings.TrimSuffix(s.upTo, s.key), ".")
	switch {
	case s.key == "" && n.kind != List:
		return nil, value.Problemf("%s leads into %s; want a list", s.upTo, n.Describe())
	case s.key == "" && s.index >= len(n.values):
		return nil, value.Problemf("%s is beyond the end; want an index below %d", s.upTo, len(n.values))
	case s.key == "":
		return n.values[s.index], nil
	case n.kind != Map && parent == "":
		return nil, value.Problemf("document is %s; want a map", n.Describe())
	case n.kind != Map:
		return nil, value.Problemf("%s is %s; want a map", parent, n.Describe())
	}
	if next := n.Get(s.key); next != nil && !next.IsNull() {
		return next, nil
	}
	return nil, nil
}

func parsePath(path string) ([]step, bool) {
	var steps []step
	for at := 0; at < len(path); {
		s, end, ok := parseStep(path, at)
		if !ok {
			return nil, false
		}
		s.upTo = path[:end]
		steps = append(steps, s)
		at = end
	}
	return steps, len(steps) > 0
}

// parseStep reads the step that begins at path[at] and returns where it ends.
func parseStep(path string, at int) (s step, end int, ok bool) {
	if path[at] == '[' {
		length := strings.IndexByte(path[at:], ']')
		if length < 0 {
			return s, 0, false
		}
		end = at + length
		index, err := strconv.ParseUint(path[at+1:end], 10, 31)
		return step{index: int(index)}, end + 1, err == nil
	}
	if at > 0 {
		if path[at] != '.' {
			return s, 0, false
		}
		at++
	}
	end = len(path)
	if length := strings.IndexAny(path[at:], ".[]"); length >= 0 {
		end = at + length
	}
	s.key = path[at:end]
	return s, end, s.key != ""
}
