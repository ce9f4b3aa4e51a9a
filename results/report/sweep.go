package report

import (
	"slices"
	"strings"

	"github.com/fcbench/fcbench/results"
)

// paths are what varies in the sweep that a run is of; none where there is no sweep.
func paths(r results.Run) (all []string) {
	for _, p := range results.Settings(r.Params) {
		all = append(all, p.Name)
	}
	return all
}

// swept reports whether the comparison is of the combinations of a sweep.
func (c comparison) swept() bool { return len(c.runs[0].Params) > 0 }

// nameColumns are what the row is of: a subject, and what it has of a sweep.
func nameColumns(rows []trial) []column {
	all := []column{{Column: Column{Head: "subject", Text: true, Keep: true}, text: trial.subject}}
	if len(rows) == 0 {
		return all
	}
	for _, path := range paths(rows[0].repeats[0].Run) {
		all = append(all, column{Column: Column{Head: pathHead(path), Keep: true}, text: func(t trial) string {
			return Plain(t.repeats[0].Param(path))
		}})
	}
	return all
}

// subject is the row's, whichever combination it is of.
func (t trial) subject() string { return Plain(t.repeats[0].SubjectName()) }

// pathHead is a path on two lines, the last part on the second.
func pathHead(path string) string {
	path = Plain(path)
	if i := strings.LastIndexByte(path, '.'); i >= 0 {
		return path[:i] + "\n" + path[i+1:]
	}
	return path
}

// shared are the facts that hold of all runs. What differs, the columns of a sweep say.
func (c comparison) shared(of func(results.Run) []string) (all []string) {
	all = of(c.runs[0])
	if !c.swept() {
		return all
	}
	for _, r := range c.runs[1:] {
		its := of(r)
		all = slices.DeleteFunc(all, func(fact string) bool { return !slices.Contains(its, fact) })
	}
	return all
}
