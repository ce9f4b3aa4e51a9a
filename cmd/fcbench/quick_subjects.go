package main

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/spf13/pflag"

	"github.com/fcbench/fcbench/internal/builtin"
	"github.com/fcbench/fcbench/internal/strictyaml"
	"github.com/fcbench/fcbench/limiters"
)

// addSubjects adds the flags that name subjects.
func (q *quick) addSubjects(f *pflag.FlagSet) {
	f.StringArrayVar(&q.limiters, "limiter", nil, "limiter to measure: KIND under --limit and --burst, or KIND:RATE:BURST (repeatable; see fcbench list limiters)")
	f.StringArrayVar(&q.pipelines, "pipeline", nil, "pipeline to measure, by the policy of its queue, such as codel or drop-oldest:100 (repeatable; see fcbench list pipelines)")
	f.StringVar(&q.serving, "service", "", "how long a worker of every --pipeline takes: LAW:ARGUMENTS (default exponential:10ms)")
	f.Var((*counted)(&q.workers), "workers", "workers of every --pipeline (default 10)")
	f.StringArrayVar(&q.targets, "target", nil, "target kind to measure, such as noop or delay:3ms:1:20 (repeatable)")
	f.StringArrayVar(&q.http, "http", nil, "HTTP service to measure; {key} stands for the key, {path} at the end for that of keys that are requests (repeatable)")
	f.StringArrayVar(&q.tcp, "tcp", nil, "TCP service to measure, HOST:PORT, that answers each line by one; --body is the line (repeatable)")
	f.StringArrayVar(&q.commands, "redis-command", nil, "command to measure on the Redis of the run, such as 'SET {key} 1'; {key} stands for the key, under a prefix of the run's own (repeatable)")
	f.StringVar(&q.limit, "limit", "100/s", "rate limit of every limiter, or that an HTTP service is believed to have, per key: it is judged by it")
	f.StringVar(&q.burst, "burst", "20", "burst of every limiter that has one, or how much may be held at once; beside --limit also that of an HTTP service")
	f.StringVar(&q.hold, "hold", "", "how long what a --limiter granted is held, of those that get it back: LAW:ARGUMENTS, such as lognormal:20ms:0.5")
	f.StringArrayVarP(&q.headers, "header", "H", nil, "header of every --http request, 'Name: value'; {key} stands for the key (repeatable, also for one name)")
	f.StringVar(&q.method, "method", "", "method of every --http request (default GET, POST with a body or a size, or the key's beside {path})")
	f.StringVar(&q.body, "body", "", "body of every --http request, or @FILE for what is in a file, and line to every --tcp service; {key} stands for the key")
	f.Var((*counted)(&q.connections), "connections", "connections of every --http and --tcp service, --redis-command and --limiter behind a network")
	q.quickHTTP.add(f)
	f.StringVar(&q.engine, "engine", "", "what carries the bytes of every --http and --tcp service and --redis-command: event, portable, or auto, which is event where it can be")
	f.StringArrayVar(&q.abortOn, "abort-on", nil, "give the run up, and all that follow, once this holds over 5s, such as 'outcomes.failed.share > 50%' (repeatable; abort.window and abort.after with --set)")
	f.StringArrayVar(&q.thresholds, "threshold", nil, "goal that every run must meet, such as 'response.ok.p99 < 5ms' (repeatable)")
	f.StringArrayVar(&q.allowHosts, "allow-host", nil, "host beyond loopback that may be sent to (repeatable)")
}

// setSubjects replaces the subjects by those of the flags, if there are any.
func (q *quick) setSubjects(doc *strictyaml.Node) error {
	list := strictyaml.NewList("subjects")
	for _, text := range q.limiters {
		entry := subject("limiter", q.limiter(text))
		if q.hold != "" && getsBack(entry.Get("limiter")) {
			entry.Put("hold", strictyaml.NewScalar("--hold", q.hold))
		}
		list.Append(entry)
	}
	for _, text := range q.pipelines {
		n, err := q.pipeline(text)
		if err != nil {
			return err
		}
		list.Append(subject("pipeline", n))
	}
	for _, text := range q.targets {
		list.Append(subject("target", strictyaml.NewScalar("--target", text)))
	}
	if err := q.services(list); err != nil {
		return err
	}
	if len(list.Items()) > 0 {
		doc.Put("subjects", list)
	}
	appendTexts(doc, "thresholds", "--threshold", q.thresholds)
	if len(q.abortOn) > 0 {
		if doc.Get("abort") == nil {
			doc.Put("abort", strictyaml.NewMap("--abort-on"))
		}
		appendTexts(doc.Get("abort"), "on", "--abort-on", q.abortOn)
	}
	appendTexts(doc, "allow_hosts", "--allow-host", q.allowHosts)
	return nil
}

// services appends those of the flags.
func (q *quick) services(list *strictyaml.Node) error {
	for _, url := range q.http {
		n, err := q.service(url)
		if err != nil {
			return err
		}
		entry := subject("target", n)
		if q.flags.Changed("limit") {
			entry.Put("limit", q.stated())
		}
		list.Append(entry)
	}
	for _, addr := range q.tcp {
		n, err := q.messages(addr)
		if err != nil {
			return err
		}
		list.Append(subject("target", n))
	}
	for _, command := range q.commands {
		n := strictyaml.NewMap("--redis-command")
		n.Put("kind", strictyaml.NewScalar("--redis-command", "redis"))
		n.Put("command", strictyaml.NewText("--redis-command", command))
		q.carried(n)
		list.Append(subject("target", n))
	}
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
	if command, ok := strings.CutPrefix(kind, "exec:"); ok && !strings.Contains(command, ":") {
		kind = "exec"
		n.Put("command", strictyaml.NewScalar("--limiter", command))
	}
	if strings.Contains(kind, ":") { // it brings its own
		return strictyaml.NewScalar("--limiter", kind)
	}
	n.Put("kind", strictyaml.NewScalar("--limiter", kind))
	values := map[string]string{"rate": q.limit, "burst": q.burst, "limit": q.burst}
	flags := map[string]string{"rate": "--limit", "burst": "--burst", "limit": "--burst"}
	if q.connections > 0 {
		values["connections"], flags["connections"] = strconv.Itoa(q.connections), "--connections"
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

// getsBack reports whether a limiter holds what it grants until it is given back.
func getsBack(n *strictyaml.Node) bool {
	kind, decode := strictyaml.Part(n)
	l, _, err := builtin.Limiters(builtin.Env{}).Build(kind, decode)
	if err != nil {
		return false // the scenario says what is wrong
	}
	_, ok := limiters.As[limiters.Releaser](l)
	return ok
}

// stated is the limit that a service is believed to have.
func (q *quick) stated() *strictyaml.Node {
	n := strictyaml.NewMap("--limit")
	n.Put("rate", strictyaml.NewScalar("--limit", q.limit))
	n.Put("burst", strictyaml.NewScalar("--burst", q.burst))
	return n
}

// service is the target of an --http flag.
func (q *quick) service(url string) (*strictyaml.Node, error) {
	n := strictyaml.NewMap("--http")
	n.Put("kind", strictyaml.NewScalar("--http", "http"))
	n.Put("url", strictyaml.NewText("--http", url))
	if q.method != "" {
		n.Put("method", strictyaml.NewText("--method", q.method))
	}
	q.carried(n)
	if err := q.describe(n); err != nil {
		return nil, err
	}
	switch file, ok := strings.CutPrefix(q.body, "@"); {
	case ok && file == "":
		return nil, usage(errors.New("--body is @ without a file; want text, or @FILE"))
	case ok:
		n.Put("body_file", strictyaml.NewText("--body", file))
	case q.body != "":
		n.Put("body", strictyaml.NewText("--body", q.body))
	}
	if len(q.headers) == 0 {
		return n, nil
	}
	headers, err := q.headersNode()
	if err != nil {
		return nil, err
	}
	n.Put("headers", headers)
	return n, nil
}

// messages is the target of a --tcp flag.
func (q *quick) messages(addr string) (*strictyaml.Node, error) {
	n := strictyaml.NewMap("--tcp")
	n.Put("kind", strictyaml.NewScalar("--tcp", "tcp"))
	n.Put("address", strictyaml.NewText("--tcp", addr))
	if strings.HasPrefix(q.body, "@") {
		return nil, usage(fmt.Errorf("--body is %s; want the line itself beside --tcp", q.body))
	}
	if q.body != "" {
		n.Put("message", strictyaml.NewText("--body", q.body))
	}
	q.carried(n)
	return n, nil
}

// carried adds what says how bytes are carried.
func (q *quick) carried(n *strictyaml.Node) {
	if q.connections > 0 {
		n.Put("connections", strictyaml.NewScalar("--connections", strconv.Itoa(q.connections)))
	}
	if q.engine != "" {
		n.Put("engine", strictyaml.NewText("--engine", q.engine))
	}
}

// headersNode is what the --header flags say: the values of each header in the
// order of the flags, also where a name is spelt in several ways.
func (q *quick) headersNode() (*strictyaml.Node, error) {
	headers := strictyaml.NewMap("--header")
	spelt := map[string]string{} // as it was first, by canonical name
	for _, h := range q.headers {
		name, value, ok := strings.Cut(h, ":")
		if name = strings.TrimSpace(name); !ok || name == "" {
			return nil, usage(fmt.Errorf("--header is %q; want 'Name: value'", h))
		}
		canonical := http.CanonicalHeaderKey(name)
		if spelt[canonical] == "" {
			spelt[canonical] = name
			headers.Put(name, strictyaml.NewList("--header"))
		}
		headers.Get(spelt[canonical]).Append(strictyaml.NewText("--header", strings.TrimSpace(value)))
	}
	return headers, nil
}
