package scenario

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math/bits"
	"slices"
	"strings"

	"github.com/fcbench/fcbench/internal/seed"
	"github.com/fcbench/fcbench/internal/strictyaml"
	"github.com/fcbench/fcbench/results"
	"github.com/fcbench/fcbench/targets"
)

// mix says which kind of request every arrival is: a function of the seed and of the
// place in the schedule, or of the stream where that names one.
type mix struct {
	names  []string
	sums   []uint64 // of the weights, up to each
	pinned []int    // by class: the only kind, or -1
	random seed.Stream
	digest string // of all of this, and of what the requests are
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
	m.digest = m.digestOf(s.Seed, kinds)
	return m
}

// digestOf is the same where the arrivals of one schedule become the same requests.
func (m *mix) digestOf(seed uint64, kinds []targets.RequestKind) string {
	h := sha256.New()
	fmt.Fprintln(h, seed, m.pinned)
	for _, k := range kinds {
		fmt.Fprintf(h, "%q %d %s\n", k.Name, k.Weight, k.Digest)
	}
	return hex.EncodeToString(h.Sum(nil)[:16])
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

// askedOf refuses thresholds and the like on requests that no subject has, or that are
// its only one, which results do not tell from all.
func (p *parser) askedOf(s *Scenario, what string, all []results.Threshold, places []*strictyaml.Node) {
	for i, t := range all {
		name := t.Request()
		if name == "" || s.Subjects == nil || slices.ContainsFunc(s.Subjects, func(sub Subject) bool { return sub.full == nil }) {
			continue
		}
		switch most := s.requestsBeside(name); most {
		case 0:
			p.problem(places[i], "%s %q names request %q; want one of a subject's requests", what, t, name)
		case 1:
			p.problem(places[i], "%s %q names request %q, which is the only one; want the metric of all, without requests.%s", what, t, name, name)
		}
	}
}

// requestsBeside is how many requests a subject has that has one of a name, at most.
func (s *Scenario) requestsBeside(name string) (most int) {
	for _, sub := range s.Subjects {
		if names := sub.Requests(); slices.Contains(names, name) {
			most = max(most, len(names))
		}
	}
	return most
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

// RequestsDigest is the same where the arrivals of one schedule become the same
// requests, to whatever host; empty where there are none.
func (s Subject) RequestsDigest() string {
	if s.mix == nil {
		return ""
	}
	return s.mix.digest
}

// Kinds says which of Requests an arrival is, by its number and class; nil where
// there are none.
func (s Subject) Kinds() func(seq uint64, class uint8) uint8 {
	if s.mix == nil {
		return nil
	}
	return s.mix.kind
}
