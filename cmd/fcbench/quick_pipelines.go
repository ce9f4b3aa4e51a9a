package main

import (
	"strconv"

	"github.com/fcbench/fcbench/internal/builtin"
	"github.com/fcbench/fcbench/internal/strictyaml"
)

// pipeline gives a pipeline named by a flag the workers of the flags, and its values
// by name, so that they can be set and swept.
func (q *quick) pipeline(text string) (*strictyaml.Node, error) {
	short := strictyaml.NewScalar("--pipeline", text)
	kind, decode := strictyaml.Part(short)
	_, config, err := builtin.Pipelines().Build(kind, decode)
	if err != nil {
		return short, nil // the scenario says so, with its place
	}
	n, err := strictyaml.Parse("--pipeline", strictyaml.Encode(config))
	if err != nil {
		return nil, err
	}
	n.Put("kind", strictyaml.NewScalar("--pipeline", kind))
	if q.serving != "" {
		n.Put("service", strictyaml.NewScalar("--service", q.serving))
	}
	if q.workers != 0 {
		n.Put("workers", strictyaml.NewScalar("--workers", strconv.Itoa(q.workers)))
	}
	return n, nil
}
