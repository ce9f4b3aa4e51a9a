package gateway

import (
	"slices"
	"strings"
	"testing"

	"github.com/fcbench/fcbench/internal/strictyaml"
)

// planOf is the plan of a document in YAML.
func planOf(text string) (*Plan, error) {
	doc, err := strictyaml.Parse("g.yaml", []byte(text))
	if err != nil {
		return nil, err
	}
	return NewPlan(doc)
}

func mustPlan(t *testing.T, text string) *Plan {
	t.Helper()
	p, err := planOf(text)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// TestProblems: everything that is wrong with a document is said at once, each with
// its place and what would be right.
func TestProblems(t *testing.T) {
	for text, want := range map[string][]string{
		"{listen: '8080'}":                                 {`g.yaml:1:10: listen is "8080"; want HOST:PORT`},
		"{listen: ':99999'}":                               {`listen is ":99999"; want HOST:PORT`},
		"{limiter: gcar}":                                  {`limiter kind "gcar" is unknown; want one of gcra`},
		"{limiter: gcra:100/s:-1}":                         {`burst: count is "-1"; want 0 or more`},
		"{limiter: {kind: gcra, rat: 5/s}}":                {`key "rat" is unknown; want one of rate`},
		"{limiter: gcra:1/s:1, key: cookie}":               {`key is "cookie"; want header:NAME, query:NAME, path or remote`},
		"{limiter: gcra:1/s:1, key: 'header:'}":            {`key is "header:"; want header:NAME`},
		"{limiter: gcra:1/s:1, key: 'header:a b'}":         {`key is "header:a b"; want header:NAME`},
		"{limiter: gcra:1/s:1, key: path:x}":               {`key is "path:x"; want header:NAME`},
		"{limiter: gcra:1/s:1, headers: some}":             {`headers is "some"; want one of all, ratelimit, x-ratelimit, none`},
		"{key: path}":                                      {`key stands without a limiter; want one`},
		"{headers: none}":                                  {`headers stands without a limiter; want one`},
		"{service: sometimes}":                             {`service law kind "sometimes" is unknown; want one of constant`},
		"{service: 'constant:-1ms'}":                       {`value: duration is "-1ms"; want`},
		"{servers: 2}":                                     {`servers is 2 without a service; want how long one takes`},
		"{servers: -2}":                                    {`servers is -2; want 0 to 65536`},
		"{queue: 5}":                                       {`queue is 5, but each request has a server of its own; want servers`},
		"{service: 'constant:1ms', servers: 1, queue: -1}": {`queue is -1; want 0 to 1048576`},
		"{stall: 1s}":                                      {`stall is "1s"; want FOR/EVERY, such as 1s/10s`},
		"{stall: 10s/1s}":                                  {`stall is for 10s of every 1s; want more than 0s, and less than all of it`},
		"{stall: 0s/1s}":                                   {`stall is for 0s of every 1s`},
		"{stall: 1/2}":                                     {`for: duration is "1"`, `every: duration is "2"`},
		"{stall: {for: 1s, every: 2s, at: -1s}}":           {`at: duration is "-1s"; want`},
		"{stall: {for: 1s, every: 100000d}}":               {`stall is every 100000d; want at most 365d`},
		"{errors: 0%}":                                     {`share is "0%"; want more than 0`},
		"{errors: 101%}":                                   {`share is "101%"; want more than 0 and at most all`},
		"{errors: NaN}":                                    {`share is "NaN"; want more than 0`},
		"{errors: 5%:200}":                                 {`status is 200; want 400 to 599`},
		"{errors: [5%, {status: 700}]}":                    {`status is 700; want 400 to 599`},
		"{errors: {for: 2s, every: 1s}}":                   {`errors are for 2s of every 1s; want more than 0s, and less`},
		"{body: constant:2GiB}":                            {`body is 2GiB or more; want at most 1GiB`},
		"{close_every: -1}":                                {`close_every is -1; want 0 to`},
		"{idle_timeout: 5}":                                {`idle_timeout: duration is "5"; want`},
		"{seed: x, colour: red}":                           {`seed is "x"; want`, `key "colour" is unknown; want one of`},
		"[]":                                               {`document is a list`},
		"{limiter: {kind: redis-gcra, rate: 5/s, client: wire}}": {`client is wire, and a gateway calls its limiter; want go-redis, or auto`},
	} {
		_, err := planOf(text)
		if err == nil {
			t.Errorf("%s is taken; want it refused with %q", text, want)
			continue
		}
		for _, w := range want {
			if !strings.Contains(err.Error(), w) {
				t.Errorf("%s: %v; want %q", text, err, w)
			}
		}
		if n := strings.Count(err.Error(), "\n") + 1; n != len(want) {
			t.Errorf("%s has %d problems: %v; want %d", text, n, err, len(want))
		}
	}
}

// TestDefaults: what is left out means what the documentation says.
func TestDefaults(t *testing.T) {
	p := mustPlan(t, "{}")
	if p.Listen != "127.0.0.1:0" || p.seed != 1 || p.NeedsRedis() || p.law != nil || p.calendar != (calendar{}) || p.errors != nil || p.body != nil {
		t.Errorf("an empty document is %+v", p)
	}
	if p := mustPlan(t, "{limiter: redis-gcra:10/s:5}"); !p.NeedsRedis() || p.headers != (headers{true, true}) {
		t.Errorf("a limiter on Redis is %+v; want it known, and all fields", p)
	}
	if p := mustPlan(t, "{stall: 1s/10s}"); p.calendar != (calendar{1e9, 10e9, 9e9}) {
		t.Errorf("a stall is %+v; want it at the end of its period", p.calendar)
	}
}

// TestEveryLimiterIsPlanned: whatever limiter there is can be named, or it is said
// what is missing; none is a panic.
func TestEveryLimiterIsPlanned(t *testing.T) {
	for _, text := range []string{"uber:100/s", "leaky-bucket-queue:100/s:5", "concurrency:5", "redis-concurrency:5", "sliding-window-log:5/s", "x-time-rate:1/s:5"} {
		if _, err := planOf("{limiter: '" + text + "'}"); err != nil {
			t.Errorf("%s: %v", text, err)
		}
	}
}

func FuzzPlan(f *testing.F) {
	for _, text := range []string{
		"{}", "[]", "", "limiter: gcra:100/s:20\nkey: header:X\n", "{stall: 1s/10s}", "{stall: /}", "{errors: [5%, {at: 1s, for: 2s}]}",
		"{service: 'weighted:1ms=9,2ms=1', servers: 3, queue: 0}", "{errors: }", "{body: lognormal:1KiB:0.5}", "{limiter: , stall: , body: }",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if strings.Contains(text, "exec") {
			return // would be started, to be looked at
		}
		p, err := planOf(text)
		if (p == nil) == (err == nil) {
			t.Fatalf("plan %v, error %v; want one of them", p, err)
		}
		if err != nil {
			return
		}
		if c := p.calendar; c.every != 0 && (c.length <= 0 || c.length >= c.every) {
			t.Errorf("calendar is %+v", c)
		}
	})
}

func FuzzKey(f *testing.F) {
	for _, text := range []string{"remote", "path", "header:x-api-key", "query:a=b", "header:", ":", "header::"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		var k, again Key
		if k.UnmarshalText([]byte(text)) != nil {
			return
		}
		written, _ := k.MarshalText()
		if err := again.UnmarshalText(written); err != nil || again != k {
			t.Errorf("%q is written as %q, which is %v (%v)", text, written, again, err)
		}
	})
}

func TestShares(t *testing.T) {
	for text, want := range map[string]share{"5%": 0.05, "0.05": 0.05, "100%": 1, "1": 1} {
		var s share
		if err := s.UnmarshalText([]byte(text)); err != nil || s != want {
			t.Errorf("%s is %v (%v); want %v", text, s, err, want)
		}
	}
	plans := mustPlan(t, "{errors: [25%:503, {status: 502, at: 10s, for: 2s, every: 5s}]}").errors
	if at := plans[1].at; slices.Equal([]bool{at(9e9), at(10e9), at(11.9e9), at(12e9), at(15e9)}, []bool{false, true, true, false, true}) == false {
		t.Error("errors for 2s of every 5s from 10s on are at other times")
	}
	if one := plans[0]; one.all || one.below>>62 != 1 || one.meets(1<<62-1) != true || one.meets(1<<62) {
		t.Errorf("a quarter is %+v", one)
	}
}
