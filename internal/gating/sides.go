package gating

import (
	"cmp"
	"maps"
	"slices"

	"github.com/fcbench/fcbench/ci"
)

// side makes what measures one side of the policy.
func (g *Gate) side(s *ci.Side) side {
	here := inWorld{gate: g, side: s}
	switch {
	case s == nil:
	case s.Bench != nil:
		return &benchmarks{gate: g, side: s, bench: s.Bench}
	case s.FCBench != nil:
		return &otherself{inWorld: here}
	case s.Started():
		return &started{inWorld: here}
	}
	return &here
}

// sorted is what either side has, in order.
func sorted(a, b map[subject]ci.Measured) []subject {
	all := maps.Clone(a)
	maps.Copy(all, b)
	return slices.SortedFunc(maps.Keys(all), func(x, y subject) int {
		return cmp.Or(cmp.Compare(x.scenario, y.scenario), cmp.Compare(x.name, y.name))
	})
}
