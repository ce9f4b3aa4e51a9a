package main

import (
	"encoding/json"
	"fmt"
	"os"
	"strconv"
	"strings"

	"github.com/fcbench/fcbench/internal/builtin"
	"github.com/fcbench/fcbench/internal/strictyaml"
	"github.com/fcbench/fcbench/results"
)

// stored rebuilds the document of a run in a result file: --again FILE[:N].
func (o *runOptions) stored() (*strictyaml.Node, error) {
	file, line := splitLine(o.again)
	f, err := os.Open(file)
	if err != nil {
		return nil, usage(err)
	}
	defer f.Close()
	runs, err := results.ReadRuns(f, file)
	if len(runs) < line {
		if err != nil {
			return nil, usage(err)
		}
		return nil, usage(fmt.Errorf("%s has %d runs; want --again %s:N with N up to that", file, len(runs), file))
	}
	run := runs[line-1]
	origin := fmt.Sprintf("%s:%d", file, line)
	doc, err := parsed(origin, run.Protocol)
	if err != nil {
		return nil, err
	}
	doc.Put("name", strictyaml.NewScalar(origin, run.Scenario))
	doc.Put("seed", strictyaml.NewScalar(origin, strconv.FormatUint(run.Schedule.Seed, 10)))
	for key, part := range map[string]any{"workload": run.Workload, "load": run.Load} {
		n, err := parsed(origin, part)
		if err != nil {
			return nil, err
		}
		doc.Put(key, n)
	}
	doc.Put("repeats", strictyaml.NewScalar(origin, "1"))
	if run.Virtual() {
		o.virtual = true
	}
	subjects, err := storedSubject(origin, run)
	if err != nil {
		return nil, err
	}
	doc.Put("subjects", subjects)
	if len(run.Params) == 0 {
		return doc, o.change(doc)
	}
	return doc, o.changeCombination(doc, origin, run)
}

// changeCombination changes a run of a sweep. It stays the combination that it was
// as long as the flags change nothing that it depends on.
func (o *runOptions) changeCombination(doc *strictyaml.Node, origin string, run results.Run) error {
	params, err := strictyaml.Parse(origin, run.Params)
	if err != nil {
		return err
	}
	before := combined(doc)
	if err := o.change(doc); err != nil {
		return err
	}
	if combined(doc) == before {
		doc.Put("params", params)
	}
	return nil
}

// combined is what a combination of a sweep depends on: the document but for its
// name, its goals, how often it is run and what it is allowed.
func combined(doc *strictyaml.Node) string {
	rest := doc.Clone()
	for _, key := range []string{"name", "repeats", "thresholds", "abort", "allow_hosts", "max_rate"} {
		rest.Remove(key)
	}
	return string(rest.ToJSON())
}

func splitLine(text string) (file string, line int) {
	file, digits, ok := strings.Cut(text, ":")
	if n, err := strconv.Atoi(digits); ok && err == nil && n > 0 {
		return file, n
	}
	return text, 1
}

// parsed makes a document of a part of a run.
func parsed(origin string, part any) (*strictyaml.Node, error) {
	text, err := json.Marshal(part)
	if err != nil {
		return nil, err
	}
	return strictyaml.Parse(origin, text)
}

// storedSubject turns {"kind", "scope", …config} into an entry of the list of subjects.
func storedSubject(origin string, run results.Run) (*strictyaml.Node, error) {
	stored, err := strictyaml.Parse(origin, run.Subject)
	if err != nil {
		return nil, err
	}
	config, beside := strictyaml.NewMap(origin), strictyaml.NewMap(origin)
	for key, value := range stored.All() {
		switch key {
		case "scope":
		case "hold", "classes":
			beside.Put(key, value)
		case "limit":
			if value.Kind() == strictyaml.Map { // of a service; a limiter's own is a number
				beside.Put(key, value)
			} else {
				config.Put(key, value)
			}
		default:
			config.Put(key, value)
		}
	}
	family := "limiter"
	if _, err := builtin.Targets(builtin.Env{}).Kind(stored.Get("kind").String()); err == nil {
		family = "target"
	}
	if _, err := builtin.Pipelines().Kind(stored.Get("kind").String()); err == nil {
		family = "pipeline"
	}
	entry := subject(family, config)
	entry.Put("name", strictyaml.NewScalar(origin, run.SubjectName()))
	for key, value := range beside.All() {
		entry.Put(key, value)
	}
	list := strictyaml.NewList(origin)
	list.Append(entry)
	return list, nil
}
