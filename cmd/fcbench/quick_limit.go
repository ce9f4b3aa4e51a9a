package main

import (
	"errors"
	"fmt"
	"slices"

	"github.com/fcbench/fcbench/internal/builtin"
	"github.com/fcbench/fcbench/internal/strictyaml"
	"github.com/fcbench/fcbench/internal/units"
)

// named reports whether flags name subjects, which then are the only ones.
func (q *quick) named() bool {
	return len(q.limiters)+len(q.pipelines)+len(q.targets)+len(q.http)+len(q.tcp)+len(q.commands) > 0
}

// limitable reports whether --limit, and --burst, have something to be the limit of.
func (q *quick) limitable(doc *strictyaml.Node) (limit, burst bool) {
	if q.named() {
		limit = len(q.limiters)+len(q.http) > 0
		return limit, len(q.limiters) > 0 || limit && q.flags.Changed("limit")
	}
	all := doc.Get("subjects").Items()
	limited := func(s *strictyaml.Node) bool { return s.Get("limiter") != nil }
	stated := func(s *strictyaml.Node) bool { return s.Get("limit") != nil }
	limit = slices.ContainsFunc(all, func(s *strictyaml.Node) bool { return limited(s) || isHTTP(s) })
	return limit, slices.ContainsFunc(all, func(s *strictyaml.Node) bool { return limited(s) || stated(s) || isHTTP(s) && q.flags.Changed("limit") })
}

func isHTTP(subject *strictyaml.Node) bool {
	target := subject.Get("target")
	if target == nil {
		return false
	}
	kind, _ := strictyaml.Part(target)
	return kind == "http"
}

// checkLimit reads what becomes the limit of several subjects, to object to it once.
func (q *quick) checkLimit() (problems error) {
	if _, err := units.ParseRate(q.limit); q.flags.Changed("limit") && err != nil {
		problems = fmt.Errorf("--limit: %w", err)
	}
	if _, err := units.ParseCount(q.burst); q.flags.Changed("burst") && err != nil {
		problems = errors.Join(problems, fmt.Errorf("--burst: %w", err))
	}
	return problems
}

// setLimits gives the limiters of a file, and the services, the limit of the flags. A
// limiter that has none of its own keeps the user from comparing what is not alike.
func (q *quick) setLimits(doc *strictyaml.Node) error {
	if q.named() || !q.flags.Changed("limit") && !q.flags.Changed("burst") {
		return nil
	}
	var problems []error
	for i, subject := range doc.Get("subjects").Items() {
		switch {
		case subject.Get("limiter") != nil:
			problems = append(problems, q.setLimit(doc, i, subject))
		case isHTTP(subject) || subject.Get("limit") != nil:
			problems = append(problems, q.setStated(doc, i, subject))
		}
	}
	return errors.Join(problems...)
}

// setLimit changes that of one limiter.
func (q *quick) setLimit(doc *strictyaml.Node, i int, subject *strictyaml.Node) error {
	kind, _ := strictyaml.Part(subject.Get("limiter"))
	k, err := builtin.Limiters(builtin.Env{}).Kind(kind)
	if err != nil {
		return nil // the scenario says so, with its place
	}
	subject.Put("limiter", strictyaml.Spelled(subject.Get("limiter"), k.Config))
	takes := map[string]bool{}
	var problems []error
	for _, f := range strictyaml.Fields(k.Config) {
		flag := map[string]string{"rate": "limit", "burst": "burst", "limit": "burst"}[f.Name]
		if takes[flag] = true; flag != "" {
			problems = append(problems, q.set(doc, flag, fmt.Sprintf("subjects[%d].limiter.%s", i, f.Name)))
		}
	}
	if !takes["limit"] && !takes["burst"] {
		problems = append(problems, usage(fmt.Errorf("--limit and --burst are no values of %s; want --set subjects[%d].limiter.…=VALUE for it, or --only for others", kind, i)))
	}
	return errors.Join(problems...)
}

// setStated changes what a service is believed to have.
func (q *quick) setStated(doc *strictyaml.Node, i int, subject *strictyaml.Node) error {
	if subject.Get("limit") == nil {
		if q.flags.Changed("limit") {
			subject.Put("limit", q.stated())
		}
		return nil
	}
	path := fmt.Sprintf("subjects[%d].limit.", i)
	return errors.Join(q.set(doc, "limit", path+"rate"), q.set(doc, "burst", path+"burst"))
}
