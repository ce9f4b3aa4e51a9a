package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/fcbench/fcbench/ci"
)

// writes is the files that the gate writes.
func (o *gateOptions) writes(policy string) []string {
	all := []string{o.verdict}
	if o.profile != "" {
		all = append(all, o.profile)
	}
	outputs, _ := parseGateOutputs(o.outputs, policy, o.verdict) // which were checked before
	for _, out := range outputs {
		if out.path != "-" {
			all = append(all, out.path)
		}
	}
	return all
}

// parseGateOutputs reads every -o of a gate, KIND or KIND=FILE.
func parseGateOutputs(specs []string, read ...string) (all gateOutputs, err error) {
	taken := map[string]bool{}
	for _, name := range read {
		taken[name] = true
	}
	for _, spec := range specs {
		kind, path, named := strings.Cut(spec, "=")
		if !named {
			path = "-"
		}
		format, known := ci.FormatOf(kind)
		path = orStdout(path)
		switch {
		case !known || path == "":
			err = errors.Join(err, fmt.Errorf("--output is %q; want KIND or KIND=FILE with KIND one of %s", spec, ci.Kinds()))
		case taken[path]:
			err = errors.Join(err, fmt.Errorf("--output names %s, which is taken; want a file of its own for each", path))
		}
		taken[path] = true
		all = append(all, gateOutput{format, path})
	}
	return all, err
}
