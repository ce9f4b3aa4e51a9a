package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"github.com/fcbench/fcbench/internal/strictyaml"
)

// quickHTTP are the flags about what every --http service is asked and may answer.
type quickHTTP struct {
	ok, rejected, checks, requests []string
	phases                         bool
}

func (q *quickHTTP) add(f *pflag.FlagSet) {
	f.StringArrayVar(&q.ok, "ok", nil, "statuses of --http answers that are ok, such as 2xx,404 (repeatable; default 2xx,3xx)")
	f.StringArrayVar(&q.rejected, "rejected", nil, "statuses of --http answers that are refusals, such as 4xx (repeatable; default 429,503)")
	f.StringArrayVar(&q.checks, "check", nil, "what an --http answer must be besides, or it has failed: status=200,201, body=TEXT that is in it, or size=BYTES or {min: BYTES, max: BYTES} (repeatable)")
	f.StringArrayVar(&q.requests, "request", nil, "one of several requests to every --http service, drawn by weight: 'NAME=[METHOD ]PATH[;weight=N]', such as 'search=GET /search?q={key};weight=3' (repeatable)")
	f.BoolVar(&q.phases, "phases", false, "measure connecting, TLS and the first byte of --http answers apart")
}

// names are those of all of them.
func (*quickHTTP) names() []string { return []string{"ok", "rejected", "check", "request", "phases"} }

// describe adds what the flags say to an http target.
func (q *quickHTTP) describe(n *strictyaml.Node) error {
	for _, one := range []struct {
		key, flag string
		texts     []string
	}{{"ok", "--ok", q.ok}, {"rejected", "--rejected", q.rejected}} {
		if one.texts != nil {
			n.Put(one.key, listed(one.flag, one.texts))
		}
	}
	if q.phases {
		n.Put("phases", strictyaml.NewScalar("--phases", "true"))
	}
	if err := q.check(n); err != nil {
		return err
	}
	return q.mix(n)
}

// listed is a list of what stands between commas.
func listed(origin string, texts []string) *strictyaml.Node {
	list := strictyaml.NewList(origin)
	for _, text := range texts {
		for one := range strings.SplitSeq(text, ",") {
			list.Append(strictyaml.NewText(origin, strings.TrimSpace(one)))
		}
	}
	return list
}

// check adds the conditions on answers.
func (q *quickHTTP) check(n *strictyaml.Node) error {
	conditions := strictyaml.NewMap("--check")
	for _, text := range q.checks {
		what, value, ok := strings.Cut(text, "=")
		if !ok || !slices.Contains([]string{"status", "body", "size"}, what) {
			return usage(fmt.Errorf("--check is %q; want status=STATUS, body=TEXT or size=BYTES, such as 'body=\"id\":'", text))
		}
		if conditions.Get(what) != nil {
			return usage(fmt.Errorf("--check %s is given twice; want it once", what))
		}
		switch what {
		case "status":
			conditions.Put(what, listed("--check", []string{value}))
		case "body":
			conditions.Put(what, strictyaml.NewText("--check", value))
		case "size":
			conditions.Put(what, strictyaml.Value("--check", value))
		}
	}
	if len(q.checks) > 0 {
		n.Put("check", conditions)
	}
	return nil
}

// mix adds the requests.
func (q *quickHTTP) mix(n *strictyaml.Node) error {
	list := strictyaml.NewList("--request")
	for _, text := range q.requests {
		request, err := requestOf(text)
		if err != nil {
			return err
		}
		list.Append(request)
	}
	if len(q.requests) > 0 {
		n.Put("requests", list)
	}
	return nil
}

// requestOf is a request as the flag has it: NAME=[METHOD ]PATH[;weight=N].
func requestOf(text string) (*strictyaml.Node, error) {
	name, what, ok := strings.Cut(text, "=")
	weight, weighs := "", false
	if i := strings.LastIndex(what, ";weight="); i >= 0 {
		what, weight, weighs = what[:i], strings.TrimSpace(what[i+len(";weight="):]), true
	}
	method, path, two := strings.Cut(strings.TrimSpace(what), " ")
	if !two {
		method, path = "", method
	}
	name, path = strings.TrimSpace(name), strings.TrimSpace(path)
	if !ok || name == "" || strings.Contains(name, "/") || path == "" || weighs && weight == "" {
		return nil, usage(fmt.Errorf("--request is %q; want NAME=[METHOD ]PATH[;weight=N], such as 'search=GET /search?q={key};weight=3'", text))
	}
	n := strictyaml.NewMap("--request")
	n.Put("name", strictyaml.NewText("--request", name))
	if method != "" {
		n.Put("method", strictyaml.NewText("--request", method))
	}
	n.Put("path", strictyaml.NewText("--request", path))
	if weighs {
		n.Put("weight", strictyaml.NewScalar("--request", weight))
	}
	return n, nil
}
