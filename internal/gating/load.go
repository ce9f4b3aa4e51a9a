// Package gating makes the runs that a gate is decided by: pairs of one run of each
// side, one right after the other, in a balanced random order that a seed fixes. It
// builds and starts what is compared, and leaves nothing of it behind.
package gating

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/fcbench/fcbench/ci"
	"github.com/fcbench/fcbench/internal/nearest"
	"github.com/fcbench/fcbench/internal/scenario"
	"github.com/fcbench/fcbench/internal/strictyaml"
	"github.com/fcbench/fcbench/scenarios"
)

const scenarioEnding = ".yaml"

// readScenario reads a file beside the policy, or where there is none of that name
// the scenario that comes with fcbench and is called so.
func readScenario(p *ci.Policy, name string) (*strictyaml.Node, error) {
	path := p.Path(name)
	src, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		known := scenarios.Names()
		called := strings.TrimSuffix(name, scenarioEnding) + scenarioEnding
		if !slices.Contains(known, called) {
			return nil, fmt.Errorf("scenario %q is neither a file beside the policy (%s) nor one that comes with fcbench; want a file, or one such as %s",
				name, path, strings.TrimSuffix(nearest.First(called, known)[0], scenarioEnding))
		}
		src, path, err = scenarios.Read(called), called, nil
	}
	if err != nil {
		return nil, err
	}
	return strictyaml.Parse(path, src)
}

// load is every scenario that a side is measured under; s is nil where there are no
// sides.
func load(p *ci.Policy, s *ci.Side) (all []*scenario.Scenario, err error) {
	names := p.Scenarios
	if s != nil && s.Scenario != "" {
		names = []string{s.Scenario}
	}
	for _, name := range names {
		more, problem := loadOne(p, s, name)
		all, err = append(all, more...), errors.Join(err, problem)
	}
	if err != nil {
		return nil, err
	}
	for _, sc := range all {
		if p.Virtual {
			err = errors.Join(err, sc.CheckVirtual())
		}
	}
	return all, err
}

func loadOne(p *ci.Policy, s *ci.Side, name string) (all []*scenario.Scenario, err error) {
	doc, err := readScenario(p, name)
	if err != nil {
		return nil, err
	}
	if doc.Get("name") == nil {
		doc.Put("name", strictyaml.NewText("name", strings.TrimSuffix(filepath.Base(name), scenarioEnding)))
	}
	if p.Quick {
		said, err := scenario.Quick(doc)
		if err == nil && !said {
			err = fmt.Errorf("quick has no effect on %s, which does not say what is quick; want it left out", name)
		}
		if err != nil {
			return nil, err
		}
	}
	if len(p.Only) > 0 {
		if err := scenario.Only(doc, p.File, p.Only); err != nil {
			return nil, err
		}
	}
	if s != nil && s.Subject != "" { // of those
		if err := scenario.Only(doc, p.File, []string{s.Subject}); err != nil {
			return nil, err
		}
	}
	docs, err := scenario.Several(doc)
	if err != nil {
		return nil, err
	}
	for _, one := range docs {
		called := one.Get("name")
		if err := set(one, p, s); err != nil {
			return nil, err
		}
		one.Put("name", called)
		one.Put("repeats", strictyaml.NewScalar("gate", "1"))
		if p.Capacity == nil { // whose goals they are
			one.Remove("thresholds") // a gate has its claims
		}
		made, err := scenario.All(one, nil)
		if err != nil {
			return nil, err
		}
		all = append(all, made...)
	}
	return all, nil
}

// set gives a scenario the values of the policy, and then of the side.
func set(doc *strictyaml.Node, p *ci.Policy, s *ci.Side) error {
	all := []map[string]*strictyaml.Node{p.Set}
	if s != nil {
		all = append(all, s.Set)
	}
	for _, values := range all {
		var paths []string
		for path := range values {
			paths = append(paths, path)
		}
		slices.Sort(paths)
		for _, path := range paths {
			if err := setOne(doc, path, values[path]); err != nil {
				return err
			}
		}
	}
	return nil
}

// setOne sets a path; one that begins with target leads into that of every subject.
func setOne(doc *strictyaml.Node, path string, value *strictyaml.Node) error {
	if !strings.HasPrefix(path, "target.") {
		return scenario.Set(doc, path, value.Clone())
	}
	aimed := 0
	for i, subject := range doc.Get("subjects").Items() {
		if subject.Get("target") == nil {
			continue
		}
		aimed++
		if err := scenario.Set(doc, fmt.Sprintf("subjects[%d].%s", i, path), value.Clone()); err != nil {
			return err
		}
	}
	if aimed == 0 {
		return value.Problemf("%s leads into every target, and no subject is one; want a scenario of a service", path)
	}
	return nil
}
