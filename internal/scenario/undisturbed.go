package scenario

import "github.com/fcbench/fcbench/internal/strictyaml"

// undisturbed builds the scenario of the same seed and subjects in which there is no
// overload: what the document says of it is put over the workload, as is what one of
// several workloads says. There is none where it says nothing, nor for streams, unless it
// has its own: each of them would need another one.
func (p *parser) undisturbed(doc, said *strictyaml.Node) *Scenario {
	if said == nil || said.IsNull() || doc.Get("workload").Get("streams") != nil && said.Get("streams") == nil {
		return nil
	}
	calm := doc.Clone()
	for _, key := range []string{"undisturbed", "thresholds", "abort", "faults", "hooks", "observe"} {
		calm.Remove(key)
	}
	calm.Get("workload").Remove("streams")
	q := &parser{}
	calm = q.under(calm, "undisturbed", said)
	if p.addNew(q.problems); len(q.problems) > 0 {
		return nil
	}
	s, err := New(calm, false)
	p.addNew(said.At(err))
	return s
}
