package main

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/pflag"

	"github.com/fcbench/fcbench/internal/scenario"
	"github.com/fcbench/fcbench/internal/strictyaml"
	"github.com/fcbench/fcbench/scenarios"
)

// quick are the flags that build a scenario, or change one from a file. Each
// becomes a node of the document that names the flag as its origin, so that
// flags and files are checked by the same code.
type quick struct {
	flags  *pflag.FlagSet
	values []valueFlag

	limiters, targets         []string
	http, tcp, commands       []string
	pipelines                 []string
	serving                   string
	workers                   int
	limit, burst, hold        string
	arrivals, rate, keys      string
	cost, size                string
	clients                   int
	headers, sets, thresholds []string
	abortOn                   []string
	method, body, engine      string
	connections               int
	allowHosts                []string
	quickHTTP
}

// valueFlag is a flag whose text is one value of the document.
type valueFlag struct{ name, short, path, doc string }

// scheduleFlags are those that matter for the schedule alone.
func scheduleFlags() []valueFlag {
	return []valueFlag{
		{"name", "", "name", "name of the scenario"},
		{"seed", "", "seed", "seed of every random draw (default 1)"},
		{"duration", "d", "duration", "measured window, such as 10s (default 10s, or all of a trace, stages, a ramp or a spike)"},
		{"count", "n", "count", "measured arrivals at most, such as 10k"},
		{"warmup", "", "warmup", "time before the window that is sent but not measured (default 0s)"},
		{"max-rate", "", "max_rate", "refuse schedules that bring more in any second"},
	}
}

// runFlags are those that matter only when something is sent.
func runFlags() []valueFlag {
	return []valueFlag{
		{"repeats", "", "repeats", "runs of every subject (default 1)"},
		{"timeout", "", "timeout", "how long a caller waits for its answer (default 5s)"},
		{"drain", "", "drain", "how long to wait for answers after the last arrival (default 5s)"},
		{"slo", "", "slo", "response time up to which ok counts as goodput"},
		{"max-in-flight", "", "load.max_in_flight", "requests in flight at most; more are unsent (default 4096)"},
		{"lanes", "", "load.lanes", "goroutines that send, or auto: one for every core but one (default 1)"},
		{"think", "", "load.think", "pause of a closed-loop client between its requests (default 0s)"},
	}
}

// addValues adds flags of one value each.
func (q *quick) addValues(f *pflag.FlagSet, flags []valueFlag) {
	for _, v := range flags {
		f.StringP(v.name, v.short, "", v.doc)
	}
	q.values = append(q.values, flags...)
}

// addLoad adds the flags that describe what arrives.
func (q *quick) addLoad(f *pflag.FlagSet) {
	q.flags = f
	q.addValues(f, scheduleFlags())
	f.StringVar(&q.arrivals, "arrivals", "", "arrival process: KIND, or KIND:ARGUMENT… (see fcbench list arrivals; default constant)")
	f.StringVarP(&q.rate, "rate", "r", "", "mean rate of arrivals, such as 1500/s, 2k/s or 6/m (default 1k/s)")
	f.StringVar(&q.keys, "keys", "", "key law, such as zipf:1.1:10000 (see fcbench list keys; default one key)")
	f.StringVar(&q.cost, "cost", "", "tokens an arrival asks for, such as uniform:1:5 (see fcbench list costs; default 1)")
	f.StringVar(&q.size, "size", "", "payload bytes, such as constant:512 (see fcbench list sizes; default 0)")
	f.VarP((*counted)(&q.clients), "concurrency", "c", "closed loop of so many clients, in place of --arrivals and --rate")
	f.StringArrayVar(&q.sets, "set", nil, "set any value of the scenario, path=value")
}

// document returns the scenario's document: the file's, or the built-in one
// when neither a file nor a subject is named, changed by the flags.
func (q *quick) document(file string, needSubjects bool) (*strictyaml.Node, error) {
	doc, err := q.base(file, needSubjects)
	if err != nil {
		return nil, err
	}
	return doc, q.change(doc)
}

// change applies the flags to a document.
func (q *quick) change(doc *strictyaml.Node) error {
	if err := q.misplaced(doc); err != nil {
		return usage(err)
	}
	q.call(doc)
	for _, v := range q.values {
		if err := q.set(doc, v.name, v.path); err != nil {
			return err
		}
	}
	if err := q.setWorkload(doc); err != nil {
		return err
	}
	if err := q.setLimits(doc); err != nil {
		return err
	}
	if err := q.setSubjects(doc); err != nil {
		return err
	}
	return q.setPaths(doc)
}

// call gives a document without a name one.
func (q *quick) call(doc *strictyaml.Node) {
	if name := q.flags.Lookup("name"); name.Changed {
		doc.Put("name", strictyaml.NewText("--name", name.Value.String()))
	} else if doc.Get("name") == nil {
		doc.Put("name", strictyaml.NewScalar("--name", "quick"))
	}
}

// misplaced names flags that would have no effect beside the others.
func (q *quick) misplaced(doc *strictyaml.Node) (err error) {
	needs := func(flag string, ok bool, want string) {
		if f := q.flags.Lookup(flag); f != nil && f.Changed && !ok {
			err = errors.Join(err, fmt.Errorf("--%s has no effect here; want it with %s", flag, want))
		}
	}
	limit, burst := q.limitable(doc)
	needs("limit", limit, "--limiter or --http, or a file with such subjects")
	needs("burst", burst, "--limiter, or with --http and --limit, or a file with limiters")
	err = errors.Join(err, q.checkLimit())
	for _, flag := range []string{"service", "workers"} {
		needs(flag, len(q.pipelines) > 0, "--pipeline, or --set subjects[0].pipeline."+flag+"=VALUE for a file")
	}
	needs("hold", len(q.limiters) > 0, "--limiter, or --set subjects[0].hold=VALUE for a file")
	for _, flag := range append(q.names(), "header", "method") {
		needs(flag, len(q.http) > 0, "--http")
	}
	needs("method", len(q.requests) == 0, "--http without --request, where each method stands before its path")
	needs("body", len(q.requests) == 0, "--http without --request; the requests of a file have bodies")
	for _, flag := range []string{"body", "engine"} {
		needs(flag, len(q.http)+len(q.tcp) > 0 || flag == "engine" && len(q.commands) > 0, "--http or --tcp")
	}
	needs("connections", len(q.http)+len(q.tcp)+len(q.commands)+len(q.limiters) > 0, "--http, --tcp, --redis-command or --limiter")
	for _, flag := range []string{"rate", "arrivals"} {
		needs(flag, !q.flags.Changed("concurrency"), "an open loop, without --concurrency")
	}
	for _, flag := range []string{"arrivals", "rate", "hold", "service"} {
		if f := q.flags.Lookup(flag); f != nil && f.Changed && f.Value.String() == "" {
			err = errors.Join(err, fmt.Errorf("--%s is empty; want a value, or the flag left out", flag))
		}
	}
	for flag, texts := range map[string][]string{"threshold": q.thresholds, "abort-on": q.abortOn, "allow-host": q.allowHosts} {
		if slices.Contains(texts, "") {
			err = errors.Join(err, fmt.Errorf("--%s is empty; want a value, or the flag left out", flag))
		}
	}
	for flag, n := range map[string]int{"concurrency": q.clients, "connections": q.connections, "workers": q.workers} {
		if f := q.flags.Lookup(flag); f != nil && f.Changed && n < 1 {
			err = errors.Join(err, fmt.Errorf("--%s is %d; want at least 1", flag, n))
		}
	}
	return err
}

// set puts the text of a flag at a path, if the flag was given.
func (q *quick) set(doc *strictyaml.Node, flag, path string) error {
	f := q.flags.Lookup(flag)
	if !f.Changed {
		return nil
	}
	return scenario.Set(doc, path, strictyaml.NewScalar("--"+flag, f.Value.String()))
}

func (q *quick) base(file string, needSubjects bool) (*strictyaml.Node, error) {
	switch {
	case file != "":
		src, err := readScenario(file)
		if err != nil {
			return nil, usage(err)
		}
		return mapping(strictyaml.Parse(file, src))
	case needSubjects && !q.named():
		return strictyaml.Parse(scenarios.Default, scenarios.Read(scenarios.Default))
	}
	return strictyaml.NewMap("flags"), nil
}

// mapping refuses a document that flags cannot change, because it is none of a scenario.
func mapping(doc *strictyaml.Node, err error) (*strictyaml.Node, error) {
	if err == nil && doc.Kind() != strictyaml.Map {
		err = doc.Problemf("document is %s; want that of a scenario, a map with a workload and subjects", doc.Describe())
	}
	return doc, err
}

// setWorkload applies the flags about arrivals.
func (q *quick) setWorkload(doc *strictyaml.Node) error {
	var err error
	if q.clients > 0 {
		clients := strictyaml.NewScalar("--concurrency", strconv.Itoa(q.clients))
		err = errors.Join(scenario.Set(doc, "load.model", strictyaml.NewScalar("--concurrency", "closed")), scenario.Set(doc, "load.clients", clients))
	} else {
		err = q.setArrivals(doc)
	}
	for _, name := range []string{"keys", "cost", "size"} {
		err = errors.Join(err, q.set(doc, name, "workload."+name))
	}
	return err
}

// setArrivals combines --arrivals and --rate into one process.
func (q *quick) setArrivals(doc *strictyaml.Node) error {
	if w := doc.Get("workload"); w != nil && !w.IsNull() && w.Kind() != strictyaml.Map {
		return nil // the scenario says so, with its place
	}
	given := doc.Get("workload").Get("arrivals") != nil || doc.Get("workload").Get("streams") != nil || doc.Get("load").Get("model").String() == "closed"
	switch {
	case q.arrivals == "" && q.rate == "" && given:
		return nil
	case q.arrivals == "" && given:
		return scenario.Set(doc, "workload.arrivals.rate", strictyaml.NewScalar("--rate", q.rate))
	case q.arrivals != "" && q.rate == "":
		return scenario.Set(doc, "workload.arrivals", strictyaml.NewScalar("--arrivals", q.arrivals))
	}
	kind, rate, origin := cmp.Or(q.arrivals, "constant"), cmp.Or(q.rate, "1k/s"), "--rate"
	if name, _, long := strings.Cut(kind, ":"); long {
		return usage(fmt.Errorf("--arrivals is %q beside --rate; want --arrivals %s --rate %s, or the arguments alone", kind, name, rate))
	}
	process := strictyaml.NewMap(origin)
	process.Put("kind", strictyaml.NewScalar("--arrivals", kind))
	process.Put("rate", strictyaml.NewScalar(origin, rate))
	return scenario.Set(doc, "workload.arrivals", process)
}

// setPaths applies --set last, so that it wins.
func (q *quick) setPaths(doc *strictyaml.Node) error {
	return setPaths(q.sets, func(path string, value *strictyaml.Node) error { return scenario.Set(doc, path, value) })
}

// setPaths hands every path=value on.
func setPaths(sets []string, set func(path string, value *strictyaml.Node) error) error {
	given := map[string]string{}
	for _, s := range sets {
		path, text, ok := strings.Cut(s, "=")
		if !ok {
			return usage(fmt.Errorf("--set is %q; want path=value, such as duration=2s", s))
		}
		if before, again := given[path]; again {
			return usage(fmt.Errorf("--set names %s twice, as %q and as %q; want it once", path, before, text))
		}
		given[path] = text
		if err := set(path, strictyaml.Value("--set "+path, text)); err != nil {
			return usage(err)
		}
	}
	return nil
}
