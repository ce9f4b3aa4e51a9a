package main

import (
	"fmt"
	"os"
	"strings"

	"github.com/spf13/pflag"

	"github.com/fcbench/fcbench/internal/builtin"
	"github.com/fcbench/fcbench/internal/strictyaml"
	"github.com/fcbench/fcbench/scenarios"
)

// quick are the flags that build a scenario, or change one from a file. Each
// becomes a node of the document that names the flag as its origin, so that
// flags and files are checked by the same code.
type quick struct {
	flags *pflag.FlagSet

	limiters, targets, http   []string
	limit, burst              string
	arrivals, rate, keys      string
	cost, size                string
	clients                   int
	headers, sets, thresholds []string
	method                    string
	connections               int
	allowHosts                []string
}

// plain are the flags whose text is one value of the document.
var plain = []struct{ flag, short, path, doc string }{
	{"name", "", "name", "name of the scenario"},
	{"seed", "", "seed", "seed of every random draw"},
	{"duration", "d", "duration", "measured window, such as 10s"},
	{"count", "n", "count", "measured arrivals at most, such as 10k"},
	{"warmup", "", "warmup", "time before the window that is sent but not measured"},
	{"repeats", "", "repeats", "runs of every subject"},
	{"timeout", "", "timeout", "how long a caller waits for its answer"},
	{"drain", "", "drain", "how long to wait for answers after the last arrival"},
	{"slo", "", "slo", "response time up to which ok counts as goodput"},
	{"max-in-flight", "", "load.max_in_flight", "requests in flight at most; more are unsent"},
	{"think", "", "load.think", "pause of a closed-loop client between its requests"},
	{"max-rate", "", "max_rate", "refuse scenarios that send faster"},
}

// addLoad adds the flags that describe load.
func (q *quick) addLoad(f *pflag.FlagSet) {
	q.flags = f
	for _, p := range plain {
		f.StringP(p.flag, p.short, "", p.doc)
	}
	f.StringVar(&q.arrivals, "arrivals", "", "arrival process: KIND, or KIND:ARGUMENT… (see fcbench list arrivals)")
	f.StringVarP(&q.rate, "rate", "r", "", "mean rate of arrivals, such as 1k/s")
	f.StringVar(&q.keys, "keys", "", "key law, such as zipf:1.1:10000 (see fcbench list keys)")
	f.StringVar(&q.cost, "cost", "", "tokens an arrival asks for, such as uniform:1:5 (see fcbench list costs)")
	f.StringVar(&q.size, "size", "", "payload bytes, such as constant:512")
	f.IntVarP(&q.clients, "concurrency", "c", 0, "closed loop of so many clients")
	f.StringArrayVar(&q.sets, "set", nil, "set any value of the scenario, path=value")
}

// addSubjects adds the flags that name subjects.
func (q *quick) addSubjects(f *pflag.FlagSet) {
	f.StringArrayVar(&q.limiters, "limiter", nil, "limiter kind to measure (repeatable; see fcbench list limiters)")
	f.StringArrayVar(&q.targets, "target", nil, "target kind to measure, such as noop or delay:3ms:1:20 (repeatable)")
	f.StringArrayVar(&q.http, "http", nil, "HTTP service to measure; {key} in the URL stands for the key (repeatable)")
	f.StringVar(&q.limit, "limit", "100/s", "rate limit of every --limiter")
	f.StringVar(&q.burst, "burst", "20", "burst of every --limiter that has one")
	f.StringArrayVarP(&q.headers, "header", "H", nil, "header of every --http request, 'Name: value' (repeatable)")
	f.StringVar(&q.method, "method", "", "method of every --http request")
	f.IntVar(&q.connections, "connections", 0, "connections of every --http service and --limiter behind a network")
	f.StringArrayVar(&q.thresholds, "threshold", nil, "goal that every run must meet, such as 'response.ok.p99 < 5ms' (repeatable)")
	f.StringArrayVar(&q.allowHosts, "allow-host", nil, "host beyond loopback that may be sent to (repeatable)")
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
	if q.flags.Changed("name") || doc.Get("name") == nil {
		doc.Put("name", strictyaml.NewScalar("--name", "quick"))
	}
	for _, p := range plain {
		if f := q.flags.Lookup(p.flag); f.Changed {
			if err := doc.Set(p.path, strictyaml.NewScalar("--"+p.flag, f.Value.String())); err != nil {
				return err
			}
		}
	}
	if err := q.setWorkload(doc); err != nil {
		return err
	}
	if err := q.setSubjects(doc); err != nil {
		return err
	}
	return q.setPaths(doc)
}

func (q *quick) base(file string, needSubjects bool) (*strictyaml.Node, error) {
	switch {
	case file != "":
		src, err := os.ReadFile(file)
		if err != nil {
			return nil, usage(err)
		}
		return strictyaml.Parse(file, src)
	case needSubjects && len(q.limiters)+len(q.targets)+len(q.http) == 0:
		return strictyaml.Parse(scenarios.Default, scenarios.Read(scenarios.Default))
	}
	return strictyaml.NewMap("flags"), nil
}

// setWorkload applies the flags about arrivals.
func (q *quick) setWorkload(doc *strictyaml.Node) error {
	set := func(flag, path string) error {
		f := q.flags.Lookup(flag)
		if !f.Changed {
			return nil
		}
		return doc.Set(path, strictyaml.NewScalar("--"+flag, f.Value.String()))
	}
	if q.clients > 0 {
		doc.Set("load.model", strictyaml.NewScalar("--concurrency", "closed"))
		doc.Set("load.clients", strictyaml.NewScalar("--concurrency", fmt.Sprint(q.clients)))
	} else if err := q.setArrivals(doc); err != nil {
		return err
	}
	for flag, path := range map[string]string{"keys": "workload.keys", "cost": "workload.cost", "size": "workload.size"} {
		if err := set(flag, path); err != nil {
			return err
		}
	}
	return nil
}

// setArrivals combines --arrivals and --rate into one process.
func (q *quick) setArrivals(doc *strictyaml.Node) error {
	rate := strictyaml.NewScalar("--rate", q.rate)
	if q.arrivals == "" && q.rate == "" && doc.Get("workload") == nil {
		q.arrivals, q.rate = "constant", "1k/s"
		rate = strictyaml.NewScalar("the default of --rate", q.rate)
	}
	switch {
	case q.arrivals == "" && q.rate == "":
		return nil
	case q.arrivals == "" && doc.Get("workload").Get("arrivals") != nil:
		return doc.Set("workload.arrivals.rate", rate)
	case q.rate == "":
		return doc.Set("workload.arrivals", strictyaml.NewScalar("--arrivals", q.arrivals))
	}
	if q.arrivals == "" {
		q.arrivals = "constant"
	}
	if kind, _, long := strings.Cut(q.arrivals, ":"); long {
		return usage(fmt.Errorf("--arrivals is %q beside --rate; want --arrivals %s --rate %s, or the arguments alone", q.arrivals, kind, q.rate))
	}
	process := strictyaml.NewMap("--rate")
	process.Put("kind", strictyaml.NewScalar("--arrivals", q.arrivals))
	process.Put("rate", rate)
	return doc.Set("workload.arrivals", process)
}

// setSubjects replaces the subjects by those of the flags, if there are any.
func (q *quick) setSubjects(doc *strictyaml.Node) error {
	list := strictyaml.NewList("subjects")
	for _, text := range q.limiters {
		list.Append(subject("limiter", q.limiter(text)))
	}
	for _, text := range q.targets {
		list.Append(subject("target", strictyaml.NewScalar("--target", text)))
	}
	for _, url := range q.http {
		n, err := q.service(url)
		if err != nil {
			return err
		}
		list.Append(subject("target", n))
	}
	if len(list.Items()) > 0 {
		doc.Put("subjects", list)
	}
	appendTexts(doc, "thresholds", "--threshold", q.thresholds)
	appendTexts(doc, "allow_hosts", "--allow-host", q.allowHosts)
	return nil
}

func appendTexts(doc *strictyaml.Node, key, origin string, texts []string) {
	if len(texts) == 0 {
		return
	}
	list := doc.Get(key)
	if list == nil {
		list = strictyaml.NewList(origin)
		doc.Put(key, list)
	}
	for _, t := range texts {
		list.Append(strictyaml.NewScalar(origin, t))
	}
}

func subject(family string, n *strictyaml.Node) *strictyaml.Node {
	s := strictyaml.NewMap(n.Pos().Origin)
	s.Put(family, n)
	return s
}

// limiter gives a limiter named by a flag the limit of the flags, as far as
// its kind has such values.
func (q *quick) limiter(kind string) *strictyaml.Node {
	n := strictyaml.NewMap("--limiter")
	n.Put("kind", strictyaml.NewScalar("--limiter", kind))
	values := map[string]string{"rate": q.limit, "burst": q.burst}
	flags := map[string]string{"rate": "--limit", "burst": "--burst"}
	if q.connections > 0 {
		values["connections"], flags["connections"] = fmt.Sprint(q.connections), "--connections"
	}
	k, err := builtin.Limiters(builtin.Env{}).Kind(kind)
	if err != nil {
		return n // the scenario says so, with its place
	}
	for _, f := range strictyaml.Fields(k.Config) {
		if text, ok := values[f.Name]; ok {
			n.Put(f.Name, strictyaml.NewScalar(flags[f.Name], text))
		}
	}
	return n
}

func (q *quick) service(url string) (*strictyaml.Node, error) {
	n := strictyaml.NewMap("--http")
	n.Put("kind", strictyaml.NewScalar("--http", "http"))
	n.Put("url", strictyaml.NewScalar("--http", url))
	if q.method != "" {
		n.Put("method", strictyaml.NewScalar("--method", q.method))
	}
	if q.connections > 0 {
		n.Put("connections", strictyaml.NewScalar("--connections", fmt.Sprint(q.connections)))
	}
	headers := strictyaml.NewMap("--header")
	for _, h := range q.headers {
		name, value, ok := strings.Cut(h, ":")
		if !ok {
			return nil, usage(fmt.Errorf("--header is %q; want 'Name: value'", h))
		}
		headers.Put(strings.TrimSpace(name), strictyaml.NewScalar("--header", strings.TrimSpace(value)))
	}
	if len(q.headers) > 0 {
		n.Put("headers", headers)
	}
	return n, nil
}

// setPaths applies --set last, so that it wins.
func (q *quick) setPaths(doc *strictyaml.Node) error {
	for _, s := range q.sets {
		path, text, ok := strings.Cut(s, "=")
		if !ok {
			return usage(fmt.Errorf("--set is %q; want path=value, such as duration=2s", s))
		}
		value, err := strictyaml.Value("--set "+path, text)
		if err == nil {
			err = doc.Set(path, value)
		}
		if err != nil {
			return usage(err)
		}
	}
	return nil
}
