package scenario

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/fcbench/fcbench/generators"
	"github.com/fcbench/fcbench/internal/builtin"
	"github.com/fcbench/fcbench/internal/faults"
	"github.com/fcbench/fcbench/internal/hooks"
	"github.com/fcbench/fcbench/internal/observe"
	"github.com/fcbench/fcbench/internal/runner"
	"github.com/fcbench/fcbench/internal/seed"
	"github.com/fcbench/fcbench/internal/strictyaml"
	"github.com/fcbench/fcbench/internal/units"
	"github.com/fcbench/fcbench/results"
)

// Scenario is a checked document: what to send, to whom and for how long.
type Scenario struct {
	Name       string
	Seed       uint64
	Workload   *generators.Workload
	Subjects   []Subject
	Load       Load
	Warmup     time.Duration
	Window     time.Duration // the measured window; 0 when only a count ends it
	Count      uint64        // measured arrivals at most; 0 for no limit
	Repeats    int
	Timeout    []time.Duration // of an attempt, by class; the last is for all further classes
	Drain      time.Duration
	SLO        time.Duration
	Faults     faults.Sequence // what is done to Redis meanwhile
	Thresholds []results.Threshold
	Abort      *Abort          // when a run is given up; nil for never
	Hooks      *hooks.Config   // what is done before and after all runs; nil for nothing
	Observe    *observe.Config // the processes under load; nil where they are not named
	AllowHosts []string
	MaxRate    units.Rate // the most that any second of the schedule may bring; zero for no limit
	// League is set where it is one of several of a file, which are reported together.
	League bool
	Notes  []string // what the user should know who reads the results
	// Undisturbed is the same without the overload; nil where nothing says what that is.
	Undisturbed *Scenario

	// Params are what this combination of a sweep has otherwise than others: {"path":
	// "value"}, in the order in which they vary; nil where there is no sweep.
	Params json.RawMessage

	doc      *strictyaml.Node // what the user wrote
	payloads payloads
	dearest  int64 // the most that an arrival may cost
	written  written
}

// note is something that the user should know, said once.
func (s *Scenario) note(format string, args ...any) {
	if text := fmt.Sprintf(format, args...); !slices.Contains(s.Notes, text) {
		s.Notes = append(s.Notes, text)
	}
}

// Load says how arrivals are released.
type Load struct {
	Closed      bool
	MaxInFlight int
	Lanes       int // goroutines that send
	Clients     int
	Think       time.Duration
	Retry       runner.Retry
}

// written is the scenario in its own words, defaults filled in, as result
// files keep it.
type written struct {
	workload *strictyaml.Node
	load     results.Load
	protocol results.Protocol
}

// unbounded is the horizon of a schedule that only a count ends: longer than
// any run, and still so far from the largest duration that sums with it are safe.
const unbounded = 100 * 365 * 24 * time.Hour

// Horizon is how much of the schedule there is: warm-up and window.
func (s *Scenario) Horizon() time.Duration {
	if s.Window == 0 {
		return unbounded
	}
	return s.Warmup + s.Window
}

// Model is "open" or "closed".
func (s *Scenario) Model() string {
	if s.Load.Closed {
		return "closed"
	}
	return "open"
}

// Document is what the user wrote, to be parsed again elsewhere.
func (s *Scenario) Document() json.RawMessage { return s.doc.ToJSON() }

// WorkloadJSON describes the streams of arrivals for result files.
func (s *Scenario) WorkloadJSON() json.RawMessage { return s.written.workload.ToJSON() }

// LoadInfo says for result files how arrivals are released.
func (s *Scenario) LoadInfo() results.Load { return s.written.load }

// ProtocolInfo has durations, repeats and goals, and the faults that sub has to
// bear.
func (s *Scenario) ProtocolInfo(sub Subject) results.Protocol {
	protocol := s.written.protocol
	if len(s.FaultsOf(sub)) == 0 {
		protocol.Faults = nil
	}
	if !sub.Pipeline() {
		protocol.Undisturbed = nil
	}
	protocol.Steps = nil
	for _, step := range s.written.protocol.Steps {
		if step.Set["subject"] == sub.Name {
			protocol.Steps = append(protocol.Steps, step)
		}
	}
	return protocol
}

// New checks a document and returns its scenario, or every problem it has. A
// document without subjects is a problem unless schedule is set, which asks
// for the workload alone.
func New(doc *strictyaml.Node, schedule bool) (*Scenario, error) {
	d := newDocument()
	p := &parser{processes: builtin.Processes()}
	p.decode(doc, &d)
	s := &Scenario{
		Name: d.Name, Seed: d.Seed, Count: uint64(d.Count), Repeats: d.Repeats,
		Warmup: d.Warmup.Std(), Window: d.Duration.Std(), Drain: d.Drain.Std(), SLO: d.SLO.Std(),
		AllowHosts: d.AllowHosts, MaxRate: d.MaxRate, doc: doc,
	}
	if n := d.Workloads; n != nil {
		p.problem(n, "workloads make several scenarios of this one, and only one is wanted here; want a file with one workload")
		return nil, p.problems.Err()
	}
	p.numbers(doc, &d)
	s.Load = p.load(doc, d.Load)
	p.lanes(s, doc, d.Load)
	s.Load.Retry.Random = seed.New(s.Seed).Sub("retry")
	p.workload(s, doc, d)
	p.timeouts(s, d.Timeout)
	if !schedule {
		p.subjects(s, doc, d)
	}
	p.faults(s, doc.Get("faults"), d.Faults)
	p.steps(s, doc.Get("steps"), d.Steps)
	p.clients(s)
	p.thresholds(s, doc.Get("thresholds"), d.Thresholds)
	p.abort(s, doc.Get("abort"), d.Abort)
	p.hooks(s, doc.Get("hooks"), d.Hooks)
	p.observe(s, doc.Get("observe"), d.Observe)
	p.params(s, d)
	if len(p.problems) == 0 && !schedule {
		s.Undisturbed = p.undisturbed(doc, d.Undisturbed)
	}
	if len(p.problems) > 0 {
		return nil, p.problems.Err()
	}
	record(d.Load, &s.written.load)
	record(d.protocol, &s.written.protocol)
	return s, nil
}

// node describes a config struct as a document.
func node(config any) *strictyaml.Node {
	n, err := strictyaml.Parse("", strictyaml.Encode(config))
	if err != nil {
		panic("config does not read back: " + err.Error())
	}
	return n
}

// record writes a config struct down as result files have it.
func record(config, into any) {
	if err := json.Unmarshal(node(config).ToJSON(), into); err != nil {
		panic("config is no record: " + err.Error())
	}
}

// at returns the node of a key, or the document where the key is absent.
func at(doc *strictyaml.Node, keys ...string) *strictyaml.Node {
	for _, k := range keys {
		next := doc.Get(k)
		if next == nil {
			return doc
		}
		doc = next
	}
	return doc
}

const (
	maxRepeats  = 1000
	maxClients  = 1 << 20
	maxInFlight = 1 << 20
)

// numbers checks what has no part of its own to check it.
func (p *parser) numbers(doc *strictyaml.Node, d *document) {
	p.positive(doc.Get("duration"), "duration", d.Duration > 0, "0s")
	p.positive(doc.Get("count"), "count", d.Count > 0, "0")
	for key, v := range map[string]units.Duration{"warmup": d.Warmup, "drain": d.Drain, "slo": d.SLO} {
		if v < 0 {
			p.problem(at(doc, key), "%s is %v; want 0s or more", key, v)
		}
	}
	if d.Repeats < 1 || d.Repeats > maxRepeats {
		p.problem(at(doc, "repeats"), "repeats is %d; want 1 to %d", d.Repeats, maxRepeats)
	}
}

// positive refuses a value that was given and is zero or less, which would not
// mean what leaving it out means.
func (p *parser) positive(n *strictyaml.Node, name string, ok bool, zero string) {
	if n != nil && !ok && !p.refused(n) {
		p.problem(n, "%s is %s; want more than %s, or leave it out", name, n, zero)
	}
}

func (p *parser) load(doc *strictyaml.Node, l load) Load {
	out := Load{Closed: l.Model == "closed", MaxInFlight: l.MaxInFlight, Clients: l.Clients, Think: l.Think.Std()}
	if l.Model != "open" && l.Model != "closed" {
		p.problem(at(doc, "load", "model"), "load model is %q; want open or closed", l.Model)
	}
	if l.MaxInFlight < 1 || l.MaxInFlight > maxInFlight {
		p.problem(at(doc, "load", "max_in_flight"), "max_in_flight is %d; want 1 to %d", l.MaxInFlight, maxInFlight)
	}
	switch {
	case out.Closed && (l.Clients < 1 || l.Clients > maxClients):
		p.problem(at(doc, "load", "clients"), "clients is %d; want 1 to %d in a closed loop", l.Clients, maxClients)
	case !out.Closed && l.Clients != 0:
		p.problem(at(doc, "load", "clients"), "clients is %d; an open loop has none: want load model closed", l.Clients)
	case !out.Closed && l.Think != 0:
		p.problem(at(doc, "load", "think"), "think is %v; an open loop has no thinking clients: want load model closed", l.Think)
	case out.Closed && doc.Get("max_rate") != nil:
		p.problem(doc.Get("max_rate"), "max_rate stands beside a closed loop, whose rate nobody knows beforehand; want an open loop")
	case l.Think < 0:
		p.problem(at(doc, "load", "think"), "think is %v; want 0s or more", l.Think)
	}
	out.MaxInFlight = max(out.MaxInFlight, out.Clients)
	if l.Retry != nil {
		out.Retry = p.retry(at(doc, "load", "retry"), *l.Retry)
	}
	return out
}

// goals reads conditions on metrics, and where each stands.
func (p *parser) goals(s *Scenario, list *strictyaml.Node, texts []string) (all []results.Threshold, places []*strictyaml.Node) {
	items := list.Items()
	for i, text := range texts {
		if p.refused(items[i]) {
			continue
		}
		t, err := results.ParseThreshold(text)
		if err != nil {
			p.add(items[i].At(err))
			continue
		}
		if c := t.Class(); c != "" && s.Workload != nil && !slices.Contains(streamNames(s.Workload), c) {
			p.problem(items[i], "threshold %q names class %q; want %s", text, c, classesOf(s.Workload))
			continue
		}
		all, places = append(all, t), append(places, items[i])
	}
	return all, places
}

// classesOf says which classes a threshold may be of.
func classesOf(w *generators.Workload) string {
	if names := streamNames(w); len(names) > 0 {
		return "one of the workload's streams: " + strings.Join(names, ", ")
	}
	return "a metric of the whole run, as the workload has one stream"
}

// thresholds reads what every run must reach.
func (p *parser) thresholds(s *Scenario, list *strictyaml.Node, texts []string) {
	all, places := p.goals(s, list, texts)
	p.askedOf(s, "threshold", all, places)
	s.Thresholds = all
}

// streamNames are the classes that results tell apart: none where there is one stream.
func streamNames(w *generators.Workload) []string {
	if names := w.Classes(); len(names) > 1 {
		return names
	}
	return nil
}
