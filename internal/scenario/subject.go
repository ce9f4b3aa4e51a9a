package scenario

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/fcbench/fcbench/generators"
	"github.com/fcbench/fcbench/internal/builtin"
	"github.com/fcbench/fcbench/internal/seed"
	"github.com/fcbench/fcbench/internal/strictyaml"
	"github.com/fcbench/fcbench/internal/units"
	"github.com/fcbench/fcbench/limiters"
	"github.com/fcbench/fcbench/pipelines/live"
	"github.com/fcbench/fcbench/pipelines/sim"
	"github.com/fcbench/fcbench/targets"
)

// Subject is what load is sent to. It is made anew for every run.
type Subject struct {
	Name  string // unique in the scenario: its kind, or what the user called it
	Kind  string
	Scope string // "local", "redis", "service", "pipeline" or "simulated"

	plain   string // its name, without what tells combinations of a sweep apart
	family  string
	addr    string           // host:port of a service
	place   *strictyaml.Node // of its name, or of its entry
	node    *strictyaml.Node
	full    *strictyaml.Node
	config  any                 // of its kind
	virtual bool                // a target that follows a time that is not the world's
	lanes   int                 // at most; 0 for any number
	limiter builtin.Description // of a limiter, before it is opened
	hold    targets.Hold        // when what it granted comes back, where that does
	steps   []targets.Step      // changes of its limit, in the order of time
	called  bool                // it is called by a client, although it could do without
	classes []class             // with limits of their own, by number; others have none
	limit   limiters.Described  // that a service is believed to have; nil for none

	flow sim.Config // of a pipeline
	mix  *mix       // of a target that sends several kinds of requests, else nil
}

// subjectDocument is one entry of the list of subjects.
type subjectDocument struct {
	Name    string           `yaml:"name"`
	Limiter *strictyaml.Node `yaml:"limiter"`
	Target  *strictyaml.Node `yaml:"target"`
	// Pipeline is a queue with its policy, and stages of workers behind it.
	Pipeline *strictyaml.Node `yaml:"pipeline"`
	// Hold is how long what a limiter granted is held, for those that get it back.
	Hold *strictyaml.Node `yaml:"hold"`
	// Limit is what a service is believed to limit.
	Limit *strictyaml.Node `yaml:"limit"`
	// Classes are, by the name of a stream, values that its limiter has instead.
	Classes *strictyaml.Node `yaml:"classes"`
}

// JSON describes the subject for result files: {"kind": …, "scope": …, config}.
// What may be a secret stands there as "redacted".
func (s Subject) JSON() json.RawMessage {
	out := strictyaml.NewMap("")
	out.Put("kind", strictyaml.NewScalar("", s.Kind))
	out.Put("scope", strictyaml.NewScalar("", s.Scope))
	for key, value := range s.full.All() {
		if key != "kind" {
			out.Put(key, redact(key, value))
		}
	}
	return out.ToJSON()
}

// Target makes the subject, not yet opened, with what it needs from outside: env
// says what that is for a trial, and for no trial yet.
func (s Subject) Target(env func(targets.TrialID) builtin.Env) (targets.Target, error) {
	switch s.family {
	case "target":
		return builtin.Targets(env("")).Make(s.Kind, s.config)
	case "pipeline":
		flow := s.flow
		flow.Control.Host = env("").Host
		return live.New(flow)
	}
	carried := s.limiter.Client != "" && !s.called
	options := targets.LimiterOptions{
		New: func(id targets.TrialID) (targets.Limiters, error) {
			e := env(id)
			e.Carried = carried
			return s.newLimiters(e)
		},
		Scope: s.Scope, Workers: s.limiter.Workers, Waits: s.limiter.Info.Shaper || s.limiter.Releases,
		Hold: s.hold, Steps: s.steps, Virtual: env("").InjectTime,
	}
	if carried {
		options.Carry = builtin.Carry
	}
	return targets.OfLimiters(options), nil
}

// newLimiters makes the limiters of one trial.
func (s Subject) newLimiters(env builtin.Env) (all targets.Limiters, err error) {
	if all.Common, err = builtin.Limiters(env).Make(s.Kind, s.config); err != nil {
		return targets.Limiters{}, err
	}
	if all.Classes, err = s.newClasses(env); err != nil {
		builtin.Discard(all.Common)
		return targets.Limiters{}, err
	}
	return all, nil
}

// Limits reports whether the subject is a limiter, whose answers are decisions.
func (s Subject) Limits() bool { return s.family == "limiter" }

// Pipeline reports whether the subject is a pipeline.
func (s Subject) Pipeline() bool { return s.family == "pipeline" }

// Judged reports whether its answers are compared with a limit.
func (s Subject) Judged() bool { return s.Limits() || s.limit != nil }

// TimeSource is where a limiter takes its time from when there is no outside;
// empty for what is no limiter.
func (s Subject) TimeSource() string { return s.limiter.Info.TimeSource }

// subjects builds every subject once, to check it.
func (p *parser) subjects(s *Scenario, doc *strictyaml.Node, d document) {
	if n := d.Subjects; n != nil && !n.IsNull() && n.Kind() != strictyaml.List {
		p.problem(n, "subjects is %s; want a list, such as subjects: [{limiter: {kind: gcra, rate: 100/s}}]", n.Describe())
		return
	}
	if d.Subjects == nil || len(d.Subjects.Items()) == 0 {
		p.problem(doc, "subjects is missing; want a list, such as subjects: [{limiter: {kind: gcra, rate: 100/s}}]")
		return
	}
	for _, n := range d.Subjects.Items() {
		s.Subjects = append(s.Subjects, p.subject(s, n))
	}
	p.names(s.Subjects)
	for _, sub := range s.Subjects {
		s.unreached(sub)
	}
	p.mixed(s, d)
}

// names checks the names that were given and finds one for every subject
// without: its kind, or kind#2 and so on where that is taken.
func (p *parser) names(all []Subject) {
	taken := map[string]bool{}
	for _, sub := range all {
		if sub.Name != "" && taken[sub.Name] {
			p.problem(sub.place, "subject name %q is taken; want one of its own", sub.Name)
		}
		taken[sub.Name] = true
	}
	for i := range all {
		sub := &all[i]
		for n := 1; sub.Name == ""; n++ {
			name := sub.Kind
			if n > 1 {
				name = fmt.Sprintf("%s#%d", sub.Kind, n)
			}
			if !taken[name] {
				sub.Name, taken[name] = name, true
			}
		}
		sub.plain = sub.Name
	}
}

func (p *parser) subject(s *Scenario, n *strictyaml.Node) (out Subject) {
	var d subjectDocument
	if n.Kind() != strictyaml.Map {
		p.problem(n, "subject is %s; want a map, such as {limiter: {kind: gcra, rate: 100/s}}", n.Describe())
		return out
	}
	before := len(p.problems)
	p.add(strictyaml.Decode(n, &d))
	one := d.Pipeline == nil
	switch {
	case d.Limiter != nil && d.Target == nil && one:
		out = p.limiter(s, d.Limiter)
		p.hold(s, &out, n, d.Hold)
		p.classes(s, &out, d.Classes)
		if d.Limit != nil {
			p.problem(d.Limit, "limit stands beside a limiter; want it among the limiter's values")
		}
	case d.Target != nil && d.Limiter == nil && one:
		out = p.target(s, d.Target)
		p.alone(n, "target", "hold", "classes")
		p.stated(s, &out, d.Limit)
	case d.Pipeline != nil && d.Limiter == nil && d.Target == nil:
		out = p.pipeline(s, d.Pipeline)
		p.alone(n, "pipeline", "hold", "classes", "limit")
	case len(p.problems) == before:
		p.problem(n, "subject names no subject, or two; want one of limiter, target, pipeline")
	}
	if out.full != nil {
		out.Kind = out.full.Get("kind").String()
	}
	out.Name, out.place = d.Name, at(n, "name")
	p.lanesOf(s, out)
	return out
}

// alone refuses what only limiters have beside them.
func (p *parser) alone(n *strictyaml.Node, family string, beside ...string) {
	for _, key := range beside {
		if extra := n.Get(key); extra != nil {
			p.problem(extra, "%s stands beside a %s; want it beside a limiter", key, family)
		}
	}
}

// hold settles how long grants are held. A limiter that gets back what it grants
// cannot be measured without it.
func (p *parser) hold(s *Scenario, out *Subject, n, law *strictyaml.Node) {
	switch {
	case out.full == nil:
	case out.limiter.Releases && law == nil:
		p.problem(n, "%s gets back what it grants, and hold is missing; want how long that takes, such as hold: constant:20ms (--hold)", out.full.Get("kind"))
	case !out.limiter.Releases && law != nil:
		p.problem(law, "hold stands beside %s, which gets nothing back; want it left out", out.full.Get("kind"))
	case law != nil:
		drawn := put(p, out.full, "hold", builtin.Holds(), law)
		if drawn == nil {
			return
		}
		p.holdEnds(s, out, law, drawn)
		stream := seed.New(s.Seed).Sub("hold")
		out.hold = func(seq uint64) time.Duration { return time.Duration(drawn.Draw(stream, seq)) }
	}
}

// holdEnds refuses what would never be given back in time.
func (p *parser) holdEnds(s *Scenario, out *Subject, n *strictyaml.Node, law generators.Law) {
	least, _ := law.Range()
	if hold := time.Duration(least); hold >= s.longestTimeout() {
		p.problem(n, "hold is %v or more, and callers leave after the timeout of %v; want less, or a longer timeout", hold, s.longestTimeout())
	}
	lease, err := units.ParseDuration(out.full.Get("lease").String())
	if err == nil && time.Duration(least) >= lease.Std() {
		p.problem(n, "hold is %v or more, and a lease ends after %v; want less, or a longer lease", time.Duration(least), lease)
	}
}

func (p *parser) limiter(s *Scenario, n *strictyaml.Node) Subject {
	l, config, full := part(p, builtin.Limiters(builtin.Env{}), n)
	out := Subject{family: "limiter", node: n, full: full, config: config, Scope: "local", limiter: builtin.Describe(l)}
	out.lanes = out.limiter.Workers
	if out.limiter.Bound != nil {
		out.Scope = out.limiter.Info.Scope
	}
	if out.limiter.Info.Unweighted && s.dearest > 1 {
		p.problem(n, "%s grants single tokens only, and arrivals cost up to %d; want a cost of 1, or another limiter", full.Get("kind"), s.dearest)
	}
	return out
}

// unreached tells of what a limiter was to become at an instant that the run does not have.
func (s *Scenario) unreached(sub Subject) {
	for _, change := range sub.full.Get("then").Items() {
		at, err := units.ParseDuration(change.Get("at").String())
		if err == nil && s.Window > 0 && at.Std() >= s.Horizon() {
			s.note("%s does not become what it would at %v: the run ends after %v", sub.Name, at, units.Duration(s.Horizon()))
		}
	}
}

func (p *parser) target(s *Scenario, n *strictyaml.Node) Subject {
	target, config, full := part(p, builtin.Targets(builtin.Env{}), n)
	out := Subject{family: "target", node: n, full: full, Scope: "service"}
	if full == nil {
		return out
	}
	info := target.Info()
	out.Scope, out.addr, out.virtual, out.lanes, out.config = info.Scope, info.Address, info.Virtual, info.Lanes, config
	if info.Method != nil {
		settleMethod(full, info.Method(int(s.payloads.least)), info.Method(int(s.payloads.most)))
	}
	out.mix = p.mix(s, n, info.Requests)
	p.keysFit(s, n, info.CheckKey)
	p.refuseRedacted(n, full)
	return out
}

// looked is how many keys are looked at to see whether a target can use them.
const looked = 1000

// keysFit refuses a target that can use none of the workload's keys. Some that it
// cannot are no wonder in a log.
func (p *parser) keysFit(s *Scenario, n *strictyaml.Node, check func(key string) error) {
	if check == nil || s.Workload == nil {
		return
	}
	for id := range min(s.Workload.KeyCount(), looked) {
		if check(s.Workload.KeyName(uint32(id))) == nil {
			return
		}
	}
	first := ""
	if s.Workload.KeyCount() > 0 {
		first = s.Workload.KeyName(0)
	}
	if err := check(first); err != nil {
		p.problem(at(n, "url"), "keys of the workload, such as %q, do not fit the url: %v", first, err)
	}
}

// settleMethod writes down the method that follows from the sizes of the
// workload, unless it differs from request to request.
func settleMethod(full *strictyaml.Node, smallest, largest string) {
	if full.Get("method").String() == "" && smallest == largest {
		full.Put("method", strictyaml.NewText("", smallest))
	}
}

// Place is that of a subject in the scenario, from 1, by its name.
func (s *Scenario) Place(subject string) int {
	return 1 + slices.IndexFunc(s.Subjects, func(sub Subject) bool { return sub.Name == subject })
}

// NeedsRedis reports whether any subject asks a Redis.
func (s *Scenario) NeedsRedis() bool {
	return slices.ContainsFunc(s.Subjects, func(sub Subject) bool { return sub.Scope == "redis" })
}

// Hosts are the addresses that the subjects name, as host:port.
func (s *Scenario) Hosts() (all []string) {
	for _, sub := range s.Subjects {
		if sub.addr != "" {
			all = append(all, sub.addr)
		}
	}
	return all
}
