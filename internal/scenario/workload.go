package scenario

import (
	"cmp"
	"fmt"
	"math"
	"time"

	"github.com/fcbench/fcbench/generators"
	"github.com/fcbench/fcbench/internal/builtin"
	"github.com/fcbench/fcbench/internal/strictyaml"
	"github.com/fcbench/fcbench/internal/units"
)

// defaultWindow is the measured window of a scenario that names neither a
// duration nor a count, and whose arrivals have no end of their own.
const defaultWindow = 10 * time.Second

// workload builds the streams and settles how long the run is.
func (p *parser) workload(s *Scenario, doc *strictyaml.Node, d document) {
	n := d.Workload
	if n == nil {
		if !s.Load.Closed {
			p.problem(doc, "workload is missing; want one, such as workload: {arrivals: {kind: constant, rate: 100/s}}")
			return
		}
		n = strictyaml.NewMap("workload")
	}
	if n.Kind() != strictyaml.Map {
		p.problem(n, "workload is %s; want a map, such as {arrivals: 'constant:100/s'}", n.Describe())
		return
	}
	var w workload
	p.add(strictyaml.Decode(n, &w))
	before := len(p.problems)
	streams, full := p.streams(n, w, s.Load.Closed)
	if len(p.problems) > before {
		return
	}
	built, err := generators.NewWorkload(s.Seed, streams)
	p.add(n.At(err))
	s.Workload = built
	s.payloads, s.dearest = payloadsOf(streams), dearestOf(streams)
	s.written.workload = full
	p.length(s, streams, full)
	s.Notes = p.notes
}

// length settles the window of a scenario that does not name it: all that was
// written, or the default. Of one that does it says what is cut.
func (p *parser) length(s *Scenario, streams []generators.Stream, full *strictyaml.Node) {
	if s.Window == 0 && s.Count == 0 {
		for _, stream := range streams {
			usual, _ := lengthOf(stream)
			s.Window = max(s.Window, usual-s.Warmup)
		}
		s.Window = cmp.Or(s.Window, defaultWindow)
	}
	described := []*strictyaml.Node{full}
	if list := full.Get("streams"); list != nil {
		described = list.Items()
	}
	for i, stream := range streams {
		if _, least := lengthOf(stream); least > s.Horizon() && !s.Load.Closed {
			p.notes = append(p.notes, of(stream.Name, fmt.Sprintf("the duration cuts the %s short: %v of %v", described[i].Get("arrivals").Get("kind"),
				units.Duration(s.Horizon()), units.Duration(least))))
		}
	}
}

// lengthOf is how long a stream's arrivals were written to last.
func lengthOf(s generators.Stream) (usual, least time.Duration) {
	if f, ok := s.Process.(generators.Finite); ok {
		return f.Length()
	}
	return 0, 0
}

func (p *parser) streams(n *strictyaml.Node, w workload, closed bool) ([]generators.Stream, *strictyaml.Node) {
	if len(w.Streams) == 0 {
		stream, full := p.stream(n, w.stream, closed)
		return []generators.Stream{stream}, full
	}
	full, list := strictyaml.NewMap(""), strictyaml.NewList("")
	full.Put("streams", list)
	for key := range n.All() {
		if key != "streams" {
			p.problem(n.Get(key), "%s stands beside streams; want it inside each stream", key)
		}
	}
	var all []generators.Stream
	taken := map[string]bool{}
	for i, item := range n.Get("streams").Items() {
		if i >= len(w.Streams) {
			break
		}
		w.Streams[i].Name = cmp.Or(w.Streams[i].Name, fmt.Sprintf("stream%d", i+1))
		if name := w.Streams[i].Name; taken[name] {
			p.problem(at(item, "name"), "stream name %q is taken; want one of its own", name)
		}
		taken[w.Streams[i].Name] = true
		stream, described := p.stream(item, w.Streams[i], closed)
		all = append(all, stream)
		list.Append(described)
	}
	return all, full
}

// stream builds one stream and its full description.
func (p *parser) stream(n *strictyaml.Node, st stream, closed bool) (generators.Stream, *strictyaml.Node) {
	out := generators.Stream{Name: st.Name, Prefix: st.Prefix}
	full := strictyaml.NewMap("")
	if st.Name != "" {
		full.Put("name", strictyaml.NewScalar("", st.Name))
	}
	switch {
	case st.Arrivals != nil:
		out.Process = put(p, full, "arrivals", p.processes, st.Arrivals)
		p.found(full, st, out.Process)
	case !closed:
		p.problem(n, "arrivals is missing; want a process, such as arrivals: {kind: constant, rate: 100/s}")
	}
	if st.Keys != nil {
		out.Keys = put(p, full, "keys", builtin.Keys(), st.Keys)
	}
	if st.Prefix != "" {
		full.Put("prefix", strictyaml.NewScalar("", st.Prefix))
	}
	p.requests = append(p.requests, st.Request)
	if st.Request != "" {
		full.Put("request", strictyaml.NewText("", st.Request))
	}
	if st.Cost != nil {
		out.Cost = put(p, full, "cost", builtin.Costs(), st.Cost)
		p.bounds(st.Cost, "cost", out.Cost, 1, math.MaxInt64, "at least 1")
	}
	if st.Size != nil {
		out.Size = put(p, full, "size", builtin.Sizes(), st.Size)
		p.bounds(st.Size, "size", out.Size, 0, math.MaxInt32, "0B to 2147483647B")
	}
	return out, full
}

// found writes down what a recording was found to be. A document that is parsed
// again elsewhere names what can be read again.
func (p *parser) found(full *strictyaml.Node, st stream, process generators.Process) {
	r, ok := process.(generators.Recording)
	if !ok {
		return
	}
	described := describe(full.Get("arrivals").Get("kind").String(), r.Config())
	full.Put("arrivals", described)
	if file := strictyaml.NewScalar("", r.Source()); file.String() != described.Get("file").String() {
		elsewhere := describe(described.Get("kind").String(), r.Config())
		elsewhere.Put("file", file)
		*st.Arrivals = *elsewhere
	}
	for _, note := range r.Notes() {
		p.notes = append(p.notes, of(st.Name, note))
	}
}

// of says whose a note is where there are several streams.
func of(stream, note string) string {
	if stream == "" {
		return note
	}
	return "stream " + stream + ": " + note
}

// bounds refuses a law that may draw what no stream takes. The workload would
// refuse it too, but cannot say where it stands.
func (p *parser) bounds(n *strictyaml.Node, what string, law generators.Law, low, high int64, want string) {
	if law == nil {
		return
	}
	if least, most := law.Range(); least < low || most > high {
		p.problem(n, "%s is from %d to %d; want %s", what, least, most, want)
	}
}

// payloads are the sizes that a workload may draw, in bytes.
type payloads struct{ least, most int64 }

// dearestOf is the most that an arrival may cost, as far as a law says it.
func dearestOf(streams []generators.Stream) int64 {
	dearest := int64(1)
	for _, s := range streams {
		if s.Cost != nil {
			_, most := s.Cost.Range()
			dearest = max(dearest, most)
		}
	}
	return dearest
}

func payloadsOf(streams []generators.Stream) payloads {
	all := payloads{least: math.MaxInt64}
	for _, s := range streams {
		var least, most int64
		if s.Size != nil {
			least, most = s.Size.Range()
		}
		all = payloads{min(all.least, least), max(all.most, most)}
	}
	return all
}
