package strictyaml

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Problem is one thing that is wrong with a document.
type Problem struct {
	Pos Pos
	Msg string
}

// Error returns "position: message".
func (p Problem) Error() string { return p.Pos.String() + ": " + p.Msg }

// Problems is everything that is wrong with a document. Return it as an error
// through [Problems.Err] only: an empty list in an error is not nil.
type Problems []Problem

// Err returns the problems as an error, or nil when there are none.
func (ps Problems) Err() error {
	if len(ps) == 0 {
		return nil
	}
	return ps
}

// Error lists the problems by position, one per line.
func (ps Problems) Error() string {
	sorted := slices.SortedStableFunc(slices.Values(ps), func(a, b Problem) int {
		return cmp.Or(
			cmp.Compare(a.Pos.Origin, b.Pos.Origin),
			cmp.Compare(a.Pos.Line, b.Pos.Line),
			cmp.Compare(a.Pos.Column, b.Pos.Column))
	})
	lines := make([]string, len(sorted))
	for i, p := range sorted {
		lines[i] = p.Error()
	}
	return strings.Join(lines, "\n")
}

// Problemf describes a problem with the node.
func (n *Node) Problemf(format string, args ...any) Problem {
	return Problem{n.pos, fmt.Sprintf(format, args...)}
}

// At gives err the node's position, unless it has one already. The parts of
// joined errors become problems of their own; nil becomes none.
func (n *Node) At(err error) Problems {
	switch e := err.(type) {
	case nil:
		return nil
	case Problem:
		return Problems{e}
	case Problems:
		return e
	case interface{ Unwrap() []error }:
		var all Problems
		for _, part := range e.Unwrap() {
			all = append(all, n.At(part)...)
		}
		return all
	}
	return Problems{{n.pos, err.Error()}}
}
