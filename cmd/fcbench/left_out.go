package main

import (
	"slices"

	"github.com/fcbench/fcbench/internal/scenario"
	"github.com/fcbench/fcbench/internal/strictyaml"
	"github.com/fcbench/fcbench/results/report"
)

// leftOut are workloads of files that cannot be run in virtual time, where it is one
// of several and nobody asked for it by name: the others are run without it.
type leftOut struct {
	docs []written
	all  []sweep
	kept []*strictyaml.Node // files of which others are run
}

// take leaves out a workload under which pipelines allocate, in whatever combination.
func (l *leftOut) take(doc written, all sweep) bool {
	if doc.of == nil || slices.ContainsFunc(all, func(sc *scenario.Scenario) bool { return !sc.Allocates() }) {
		return false
	}
	l.docs, l.all = append(l.docs, doc), append(l.all, all)
	return true
}

// keep says that another workload of a file is run.
func (l *leftOut) keep(doc written) { l.kept = append(l.kept, doc.of) }

// problems are those of files of which nothing would be left, each once.
func (l *leftOut) problems() (all strictyaml.Problems) {
	for i, doc := range l.docs {
		if slices.Contains(l.kept, doc.of) {
			continue
		}
		for _, sc := range l.all[i] {
			for _, problem := range sc.Allocations() {
				if !slices.Contains(all, problem) {
					all = append(all, problem)
				}
			}
		}
	}
	return all
}

// said is what there is to say of each.
func (l *leftOut) said() (all []report.LeftOut) {
	for _, doc := range l.docs {
		all = append(all, report.LeftOut{Scenario: doc.Get("name").String(), Why: "its pipelines allocate, and virtual time has no memory for a collector to look after; it is run without --virtual"})
	}
	return all
}

// leaveOut makes tables say what was left out.
func (o *outputs) leaveOut(all []report.LeftOut) {
	o.without = all
	for i := range o.formats {
		o.formats[i].options.LeftOut = all
	}
}
