package ci

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/fcbench/fcbench/internal/strictyaml"
	"github.com/fcbench/fcbench/results"
)

const small = "scenario: overload\nvirtual: true\nclaims: [{metric: outcomes.ok}]\n"

// sampled is a policy of two sides; the rest follows it.
const sampled = "scenario: s.yaml\na: {subject: gcra}\nb: {subject: token-bucket}\nclaims: [{metric: response.ok.p99, margin: 5%}]\n"

// searched is a policy of a bound, and compared the beginning of one of two sides whose
// capacities are compared.
const (
	searched = "scenario: s.yaml\ncapacity: {goals: 'response.ok.p99 < 20ms'}\nclaims: [{metric: capacity, at_least: 5k/s}]\n"
	compared = "scenario: s.yaml\na: {subject: gcra}\nb: {subject: token-bucket}\ncapacity: {goals: ['response.ok.p99 < 20ms']}\n"
)

// TestPolicyDefaults: what a policy leaves out is filled in by what it is.
func TestPolicyDefaults(t *testing.T) {
	p, err := ParsePolicy("dir/gate.yaml", []byte(sampled))
	if err != nil {
		t.Fatal(err)
	}
	if p.Name != "gate" || p.LockPath() != filepath.Join("dir", "gate.lock") || !slices.Equal(p.Pairs, []int{8, 14, 20}) || p.Alpha != 0.01 || p.Seed != 1 || p.Exact() {
		t.Errorf("policy is %+v", p)
	}
	if c := p.Claims[0]; c.Margin.Relative != 0.05 || c.Pos.Line != 4 || c.Pos.Origin != "dir/gate.yaml" {
		t.Errorf("claim is %+v; want its margin and its place", c)
	}
	if p, err = ParsePolicy("gate.yaml", []byte(small)); err != nil || !p.Exact() || p.Pairs != nil || p.Claims[0].Margin.String() != "0" {
		t.Errorf("a gate of exact values is %+v (%v)", p, err)
	}
}

// TestPolicyRefuses: every mistake, with its place and what would be right; several
// at once are all said.
func TestPolicyRefuses(t *testing.T) {
	for _, c := range []struct {
		name, text string
		want       []string
	}{
		{"empty", "", []string{"document is empty"}},
		{"list", "- a", []string{"1:1: document is a list"}},
		{"unknown key", small + "pears: [8]\n", []string{`4:1: key "pears" is unknown; want one of pairs`}},
		{"twice", small + "seed: 1\nseed: 2\n", []string{`5:1: key "seed" is given twice`}},
		{"no claims", "scenario: x\nvirtual: true\n", []string{"there are no claims; want at least one"}},
		{"claims empty", "scenario: x\nvirtual: true\nclaims: []\n", []string{"3:9: there are no claims"}},
		{"metric", "scenario: x\nvirtual: true\nclaims: [{metric: respons.ok.p99}]\n", []string{`3:19: metric "respons.ok.p99" is unknown`, "response.ok.p99"}},
		{"no metric", "scenario: x\nvirtual: true\nclaims: [{margin: 5%}]\n", []string{"3:10: claim has no metric"}},
		{"neither way", strings.Replace(sampled, "response.ok.p99", "offered", 1), []string{"4:19: metric offered is better neither way"}},
		{"max", strings.Replace(sampled, "p99", "max", 1), []string{"4:19: metric response.ok.max is a maximum"}},
		{"margin", strings.Replace(sampled, "5%", "lots", 1), []string{`margin is "lots"; want a share of before such as 5%`}},
		{"negative margin", strings.Replace(sampled, "5%", "-5%", 1), []string{`margin is "-5%"; want 0 or more`}},
		{"NaN margin", strings.Replace(sampled, "5%", "NaN%", 1), []string{`margin is "NaN%"; want 0 or more`}},
		{"whole margin", strings.Replace(sampled, "5%", "100%", 1), []string{"less than 100%"}},
		{"points of a time", strings.Replace(sampled, "5%", "1pp", 1), []string{"response.ok.p99 is no share"}},
		{"floor", strings.Replace(sampled, "5%", "5%, floor: 3", 1), []string{`floor is "3"; want a difference in the metric's unit (ns)`}},
		{"NaN floor", strings.Replace(sampled, "5%", "5%, floor: NaN", 1), []string{`floor is "NaN"; want a difference`}},
		{"floor beside a value", strings.Replace(sampled, "5%", "50us, floor: 30us", 1), []string{"4:57: floor stands beside a margin of 50us, which is no share"}},
		{"floor in virtual time", strings.Replace(small, "outcomes.ok", "response.ok.p99, margin: 5%, floor: 1ms", 1), []string{"floor stands beside virtual time"}},
		{"floor of virtual sides", strings.Replace(sampled, "5%}]", "5%, floor: 1ms}]\nvirtual: true", 1), []string{"floor stands beside virtual time"}},
		{"floor of a count", strings.Replace(benchPolicy, "allocs/op", "allocs/op, margin: 5%, floor: 1", 1), []string{"floor stands beside allocs/op, which is a count"}},
		{"claimed of all and of one", strings.Replace(sampled, "]", ", {metric: response.ok.p99, margin: 9%, subject: gcra}]", 1), []string{"is made twice, first at gate.yaml:4:10; want it once, or each of another subject"}},
		{"twice claimed", strings.Replace(sampled, "]", ", {metric: response.ok.p99}]", 1), []string{"is made twice, first at gate.yaml:4:10"}},
		{"one side", strings.Replace(sampled, "b:", "#", 1), []string{"there is one side"}},
		{"same sides", strings.Replace(sampled, "token-bucket", "gcra", 1), []string{"3:4: both sides are", "a comparison of a thing with itself says nothing"}},
		{"no sides in real time", "scenario: x\nclaims: [{metric: goodput}]\n", []string{"there are no sides; want a and b, or virtual: true"}},
		{"no scenario", "virtual: true\nclaims: [{metric: goodput}]\n", []string{"there is no scenario"}},
		{"empty scenario", "scenario: []\na: {scenario: x.yaml}\nb: {scenario: y.yaml}\nclaims: [{metric: goodput}]\n", []string{"1:11: scenario is empty; want a file"}},
		{"few pairs", sampled + "pairs: [4]\n", []string{"5:9: pairs[0] is 4; want 6 to 64"}},
		{"odd pairs", sampled + "pairs: [9]\n", []string{"pairs[0] is 9; want an even number"}},
		{"shrinking pairs", sampled + "pairs: [10, 8]\n", []string{"pairs[1] is 8 after 10; want looks that grow"}},
		{"no pairs", sampled + "pairs: []\n", []string{"5:8: pairs is empty"}},
		{"pairs in virtual time", small + "pairs: [8]\n", []string{"pairs stand beside virtual time"}},
		{"null pairs in virtual time", small + "null_pairs: 3\n", []string{"null_pairs stand beside virtual time"}},
		{"null pairs", sampled + "null_pairs: -1\n", []string{"null_pairs is -1; want 0, or 6 to 20"}},
		{"one null pair", sampled + "null_pairs: 1\n", []string{"5:13: null_pairs is 1; want 0, or 6 to 20: fewer cannot show anything"}},
		{"five null pairs", sampled + "null_pairs: 5\n", []string{"null_pairs is 5; want 0, or 6 to 20"}},
		{"many null pairs", sampled + "null_pairs: 21\n", []string{"null_pairs is 21; want 0, or 6 to 20"}},
		{"alpha", sampled + "alpha: 0\npass_alpha: 1\n", []string{"5:8: alpha is 0; want more than 0", "6:13: pass_alpha is 1"}},
		{"two kinds", strings.Replace(sampled, "{subject: gcra}", "{command: x, fcbench: {ref: y}}", 1), []string{"2:4: side a has command or build and fcbench; want one of them"}},
		{"bench and not", strings.Replace(sampled, "{subject: gcra}", "{bench: {ref: x}}", 1), []string{"one side is a benchmark and the other is not"}},
		{"empty side", strings.Replace(sampled, "{subject: gcra}", "{}", 1), []string{"side a is empty"}},
		{"ref", strings.Replace(sampled, "{subject: gcra}", "{build: {pkg: .}}", 1), []string{"build has no ref; want a revision, merge-base or worktree"}},
		{"pkg", strings.Replace(sampled, "{subject: gcra}", "{build: {ref: HEAD}}", 1), []string{"build has no pkg; want a package"}},
		{"pin nothing", strings.Replace(sampled, "gcra}", "gcra, pin: '0'}", 1), []string{"pin stands in side a, which starts no program"}},
		{"pin", strings.Replace(sampled, "{subject: gcra}", "{command: x, pin: all}", 1), []string{`pin is "all"; want cores`}},
		{"env", strings.Replace(sampled, "{subject: gcra}", "{command: x, env: [A]}", 1), []string{`env[0] is "A"; want NAME=VALUE`}},
		{"ready", strings.Replace(sampled, "{subject: gcra}", "{command: x, ready: {url: localhost}}", 1), []string{"ready.url is not a URL"}},
		{"bound of no capacity", strings.Replace(sampled, "margin: 5%", "at_least: 5k/s", 1), []string{"4:46: at_least stands beside response.ok.p99; want it of the metric capacity"}},
		{"no bound", strings.Replace(searched, ", at_least: 5k/s", "", 1), []string{"3:10: claim has no at_least; want what the capacity must not be less than, such as 5k/s"}},
		{"bound beside sides", compared + "claims: [{metric: capacity, at_least: 5k/s}]\n", []string{"at_least stands beside two sides"}},
		{"bound and margin", strings.Replace(searched, "at_least", "margin: 5%, at_least", 1), []string{"at_least stands beside a margin or a floor"}},
		{"bound", strings.Replace(searched, "5k/s", "lots", 1), []string{`at_least is "lots"; want a rate such as 500/s, or a number above 0`}},
		{"unlimited bound", strings.Replace(searched, "5k/s", "max", 1), []string{`at_least is "max"; want a rate`}},
		{"negative bound", strings.Replace(searched, "5k/s", "-5", 1), []string{`at_least is "-5"; want a rate`}},
		{"NaN bound", strings.Replace(searched, "5k/s", "NaN", 1), []string{`at_least is "NaN"; want a rate`}},
		{"begun beyond", strings.Replace(searched, "goals:", "from: 6k/s, goals:", 1), []string{"at_least is 5k/s, and the search begins at 6000; want a from that is not more"}},
		{"ended before", strings.Replace(searched, "goals:", "most: 5k/s, goals:", 1), []string{"at_least is 5k/s, and nothing beyond 5000 is tried; want a most of 5100 at least"}},
		{"most below from", strings.Replace(searched, "goals:", "from: 9, most: 8, goals:", 1), []string{"most is 8 and from is 9; want more than that"}},
		{"other metric of a search", strings.Replace(searched, "metric: capacity", "metric: goodput", 1), []string{`metric "goodput" is none of a search; want capacity`}},
		{"goal", strings.Replace(searched, "p99 <", "q99 <", 1), []string{`2:19: goals[0]: threshold "response.ok.q99 < 20ms"`}},
		{"precision", strings.Replace(searched, "goals:", "precision: 30%, confidence: 1, budget: 0s, goals:", 1), []string{`precision is "30%"; want a share from 0.1% to 20%`, `confidence is "1"; want a share from 50% to 99.9%`, "budget is 0s; want more than 0s"}},
		{"key of a search", strings.Replace(searched, "goals:", "goal:", 1), []string{`key "goal" is unknown; want one of goals`}},
		{"numbers of a comparison beside a bound", searched + "pairs: [8]\nalpha: 0.02\npass_alpha: 0.1\nnull_pairs: 6\n", []string{"4:8: pairs stands beside at_least", "5:8: alpha stands", "6:13: pass_alpha stands", "7:13: null_pairs stands"}},
		{"null pairs of capacities", compared + "null_pairs: 6\nclaims: [{metric: capacity}]\n", []string{"null_pairs stands beside capacity"}},
		{"confidence of a comparison", strings.Replace(compared, "goals:", "confidence: 90%, goals:", 1) + "claims: [{metric: capacity}]\n", []string{"confidence stands beside two sides"}},
		{"capacity of benchmarks", "capacity: {}\n" + benchPolicy, []string{"capacity stands beside benchmarks"}},
		{"capacity of a benchmark", "capacity: {}\nb: {bench: {ref: HEAD}}\nclaims: [{metric: capacity, at_least: 1}]\n", []string{"capacity stands beside a benchmark"}},
		{"capacity of a virtual process", searched + "virtual: true\nb: {command: x}\n", []string{"virtual stands beside a side that is started"}},
		{"capacity of side a alone", searched + "a: {command: x}\n", []string{"there is one side"}},
		{"virtual process", sampled[:len("scenario: s.yaml\n")] + "virtual: true\na: {command: x}\nb: {command: y}\nclaims: [{metric: goodput}]\n", []string{"virtual stands beside a side that is started"}},
		{"all at once", "pears: 1\nseed: x\nclaims: [{metric: no}]\n", []string{`1:1: key "pears"`, `2:7: seed is "x"`, `3:19: metric "no" is unknown`}},
	} {
		_, err := ParsePolicy("gate.yaml", []byte(c.text))
		if err == nil {
			t.Errorf("%s: is accepted", c.name)
			continue
		}
		for _, want := range c.want {
			if !strings.Contains(err.Error(), want) {
				t.Errorf("%s: error is\n%v\nwant %q in it", c.name, err, want)
			}
		}
	}
}

// TestPoliciesFollowTheSchema: what the published schema and the reader take is the
// same, in keys and in examples.
func TestPoliciesFollowTheSchema(t *testing.T) {
	s, doc := schemaOf(t, "../docs/gate.schema.json")
	for name, text := range map[string]string{
		"exact": small, "sampled": sampled,
		"processes": strings.Replace(sampled, "{subject: gcra}", "{build: {ref: merge-base, pkg: ./cmd/server, randomise: true}, command: '$BIN -a', env: [A=b], pin: 0-1, ready: {url: 'http://127.0.0.1:1/', within: 5s}}", 1),
		"bench":     "a: {bench: {ref: merge-base, pkg: ./limiters, run: GCRA, time: 50ms, randomise: true}}\nb: {bench: {ref: worktree}}\nclaims: [{metric: ns/op}]\npairs: [8]\n",
		"bound":     searched, "bound of a service": strings.Replace(searched, "goals:", "from: 500, most: 6k/s, precision: 0.02, confidence: 90%, budget: 4m, over: clients, goals:", 1) + "b: {command: x}\n",
		"capacities": compared + "claims: [{metric: capacity, margin: 5%}]\npairs: [8, 14]\n",
		"values":     sampled + "alpha: 0.02\nnull_pairs: 6\naccepted: accepted.yaml\nlockfile: x.lock\nset: {duration: 1s}\nonly: gcra\n",
	} {
		if _, err := ParsePolicy("gate.yaml", []byte(text)); err != nil {
			t.Errorf("%s: the reader refuses it: %v", name, err)
		}
		if err := s.Validate(instance(t, text)); err != nil {
			t.Errorf("%s: the schema refuses it: %v", name, err)
		}
	}
	for name, text := range map[string]string{
		"unknown key": small + "pears: 1\n", "no claims": "virtual: true\nscenario: x\n", "other side": strings.Replace(sampled, "a:", "#", 1), "side a alone": searched + "a: {command: x}\n", "odd": sampled + "pairs: [9]\n", "null pairs": sampled + "null_pairs: 3\n", "empty side": strings.Replace(sampled, "{subject: gcra}", "{}", 1),
	} {
		if err := s.Validate(instance(t, text)); err == nil {
			t.Errorf("%s: the schema takes it", name)
		}
	}
	for what, pair := range map[string]struct {
		schema any
		of     reflect.Type
	}{
		"policy":   {doc["properties"], reflect.TypeFor[document]()},
		"side":     {doc["$defs"].(map[string]any)["side"].(map[string]any)["properties"], reflect.TypeFor[sideDocument]()},
		"bench":    {doc["$defs"].(map[string]any)["side"].(map[string]any)["properties"].(map[string]any)["bench"].(map[string]any)["properties"], reflect.TypeFor[Bench]()},
		"fcbench":  {doc["$defs"].(map[string]any)["side"].(map[string]any)["properties"].(map[string]any)["fcbench"].(map[string]any)["properties"], reflect.TypeFor[Build]()},
		"build":    {doc["$defs"].(map[string]any)["side"].(map[string]any)["properties"].(map[string]any)["build"].(map[string]any)["properties"], reflect.TypeFor[Build]()},
		"capacity": {doc["properties"].(map[string]any)["capacity"].(map[string]any)["properties"], reflect.TypeFor[capacityDocument]()},
		"claim":    {doc["properties"].(map[string]any)["claims"].(map[string]any)["items"].(map[string]any)["properties"], reflect.TypeFor[claim]()},
	} {
		if a, b := slices.Sorted(maps.Keys(pair.schema.(map[string]any))), tagsOf(pair.of); !slices.Equal(a, b) {
			t.Errorf("%s: the schema has the keys %v and the reader %v", what, a, b)
		}
	}
}

func tagsOf(t reflect.Type) (tags []string) {
	for i := range t.NumField() {
		tags = append(tags, t.Field(i).Tag.Get("yaml"))
	}
	slices.Sort(tags)
	return tags
}

func schemaOf(t *testing.T, file string) (*jsonschema.Schema, map[string]any) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(strings.NewReader(string(text)))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("schema.json", doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("schema.json")
	if err != nil {
		t.Fatal(err)
	}
	return s, doc.(map[string]any)
}

func instance(t *testing.T, text string) any {
	t.Helper()
	n, err := strictyaml.Parse("", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	var v any
	if err := json.Unmarshal(n.ToJSON(), &v); err != nil {
		t.Fatal(err)
	}
	return v
}

// TestMarginsAreExact: 7 of 1000 are not worse than a margin of 0.7% allows.
func TestMarginsAreExact(t *testing.T) {
	ok, _ := results.MetricOf("outcomes.ok")
	share, _ := results.MetricOf("outcomes.failed.share")
	for text, want := range map[string]float64{"0.7%": 0.007, "0.7 %": 0.007, "2.8%": 0.028, "5%": 0.05, "0%": 0} {
		if m, err := parseMargin(ok, text); err != nil || m.Relative != want || m.Absolute != 0 || m.String() != text {
			t.Errorf("%s is %v, %v; want %v", text, m.Relative, err, want)
		}
	}
	for text, want := range map[string]float64{"0.7pp": 0.007, "2.8 pp": 0.028, "0.1pp": 0.001} {
		if m, err := parseMargin(share, text); err != nil || m.Absolute != want || m.Relative != 0 {
			t.Errorf("%s is %v, %v; want %v", text, m.Absolute, err, want)
		}
	}
	for _, text := range []string{"pp", "%", "5%pp", "Infpp", "NaNpp", "-1pp", "1e400%"} {
		if m, err := parseMargin(share, text); err == nil {
			t.Errorf("%q is %+v; want it refused", text, m)
		}
	}
	f := Finding{A: 1000, B: 993, Relative: true, metric: ok}
	f.margin, _ = parseMargin(ok, "0.7%")
	if f.exactly(); f.Verdict != Pass {
		t.Errorf("993 of 1000 at a margin of 0.7%% are %s; want PASS", f.Verdict)
	}
}
