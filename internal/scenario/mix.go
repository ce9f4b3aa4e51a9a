package scenario

import (
	"math/bits"
	"slices"
	"strings"

	"github.com/fcbench/fcbench/internal/seed"
	"github.com/fcbench/fcbench/internal/strictyaml"
	"github.com/fcbench/fcbench/targets"
)

// mix says which kind of request every arrival is: a function of the seed and of the
// place in the schedule, or of the stream where that names one.
type mix struct {
	names  []string
	sums   []uint64 // of the weights, up to each
	pinned []int    // by class: the only kind, or -1
	random seed.Stream
}

// mix is that of a target whose requests are of these kinds; nil where it has no mix.
func (p *parser) mix(s *Scenario, n *strictyaml.Node, kinds []targets.RequestKind) *mix {
	if len(kinds) == 0 {
		return nil
	}
	m := &mix{random: seed.New(s.Seed).Sub("requests")}
	sum := uint64(0)
	for _, k := range kinds {
		sum += uint64(k.Weight)
		m.names, m.sums = append(m.names, k.Name), append(m.sums, sum)
	}
	for i, name := range p.requests {
		m.pinned = append(m.pinned, slices.Index(m.names, name))
		if name != "" && m.pinned[i] < 0 {
			p.problem(at(n, "requests"), "requests has no %q, which a stream of the workload names; want it among %s", name, strings.Join(m.names, ", "))
		}
	}
	return m
}

// mixed refuses streams, and goals, that name a request where no subject has any.
func (p *parser) mixed(s *Scenario, d document) {
	for _, sub := range s.Subjects {
		if sub.mix != nil || sub.full == nil {
			return
		}
	}
	for _, name := range p.requests {
		if name != "" {
			p.problem(at(d.Workload, "request"), "a stream names request %q, and no subject has requests; want a target with requests, or none named", name)
			return
		}
	}
}

// askedOf refuses goals on requests that no subject has.
func (p *parser) askedOf(s *Scenario, list *strictyaml.Node) {
	for _, t := range s.Thresholds {
		name := t.Request()
		if name == "" || slices.ContainsFunc(s.Subjects, func(sub Subject) bool { return slices.Contains(sub.Requests(), name) }) {
			continue
		}
		p.problem(list, "threshold %q names request %q; want one of a subject's requests", t, name)
	}
}

// kind is which kind of request an arrival is.
func (m *mix) kind(seq uint64, class uint8) uint8 {
	if int(class) < len(m.pinned) && m.pinned[class] >= 0 {
		return uint8(m.pinned[class])
	}
	drawn, _ := bits.Mul64(m.random.Uint64(seq), m.sums[len(m.sums)-1])
	for i, sum := range m.sums {
		if drawn < sum {
			return uint8(i)
		}
	}
	panic("draw is beyond the sum of weights")
}

// Requests are the names of the kinds of requests that a target sends; none where
// there is one kind without a name.
func (s Subject) Requests() []string {
	if s.mix == nil {
		return nil
	}
	return s.mix.names
}

// Kinds says which of Requests an arrival is, by its number and class; nil where
// there are none.
func (s Subject) Kinds() func(seq uint64, class uint8) uint8 {
	if s.mix == nil {
		return nil
	}
	return s.mix.kind
}
