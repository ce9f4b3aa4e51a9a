package strictyaml

import (
	"reflect"
	"strings"
	"testing"
)

// texts has text where a flag may put it.
type texts struct {
	Body    string            `yaml:"body"`
	Seed    uint64            `yaml:"seed"`
	Load    load              `yaml:"load"`
	Tags    []string          `yaml:"tags"`
	Headers map[string]string `yaml:"headers"`
	Part    *Node             `yaml:"part"`
}

// set applies "path=text" flags to an empty document.
func set(t *testing.T, flags ...string) (*Node, error) {
	t.Helper()
	doc := NewMap("flags")
	for _, f := range flags {
		path, text, _ := strings.Cut(f, "=")
		if err := doc.Set(path, Value("--set "+path, text)); err != nil {
			return nil, err
		}
	}
	return doc, nil
}

// TestTextTakesText: whatever a flag holds, a text field takes as it was typed,
// and what is written down of the document reads back as the same.
func TestTextTakesText(t *testing.T) {
	for _, text := range []string{
		`{"a":1}`, `[1, 2]`, `{"a":`, `[`, `{"a": 1} and more`, "{\"a\":1}\n", `{}`, `[]`, `{{name}}`, `[a](b)`, "{a: &x 1, b: *x}", `{"a":1,"a":2}`,
		"5", "-0", "1e3", "010", "true", "no", "null", "~", "", " ", "2001-01-01", `"quoted"`, "# no comment", "a: b", "- a", "!tag", "|", "\t{",
		"é\x00",
	} {
		doc, err := set(t, "body="+text, "headers.X-A="+text)
		if err != nil {
			t.Errorf("%q: %v", text, err)
			continue
		}
		var got, again texts
		if problems := Decode(doc, &got); problems != nil || got.Body != text || got.Headers["X-A"] != text {
			t.Errorf("%q is %q, %q, %v; want it as it is", text, got.Body, got.Headers["X-A"], problems)
			continue
		}
		written, err := Parse("again", doc.ToJSON())
		if err != nil {
			t.Errorf("%q is written as %s: %v", text, doc.ToJSON(), err)
			continue
		}
		if problems := Decode(written, &again); problems != nil || again.Body != text {
			t.Errorf("%q is read back from %s as %q, %v", text, doc.ToJSON(), again.Body, problems)
		}
	}
}

// TestOtherFieldsReadWhatTheyWant: to all else a flag's value is what it looks like.
func TestOtherFieldsReadWhatTheyWant(t *testing.T) {
	doc, err := set(t, "load={model: open}", "load.max=7", "tags=[a, {b}]", "part={kind: x}", "headers={A: '{1}'}", "tags[1]={c}", "seed=5")
	if err != nil {
		t.Fatal(err)
	}
	var got texts
	if problems := Decode(doc, &got); problems != nil {
		t.Fatal(problems)
	}
	if got.Load != (load{"open", 7}) || got.Headers["A"] != "{1}" || got.Part.Get("kind").String() != "x" || got.Seed != 5 {
		t.Errorf("got %+v", got)
	}
	if got.Tags[0] != "a" || got.Tags[1] != "{c}" {
		t.Errorf("tags are %q; want what was typed last", got.Tags)
	}
}

// TestWhatWasTypedIsForgottenOnceItChanges: a map that a second flag changed is
// no text any more.
func TestWhatWasTypedIsForgottenOnceItChanges(t *testing.T) {
	for _, second := range []string{"body.a=2", "body.b=2"} {
		doc, err := set(t, `body={"a": 1}`, second)
		if err != nil {
			t.Fatal(err)
		}
		if problems := Decode(doc, &texts{}); len(problems) != 1 || !strings.Contains(problems.Error(), "body is a map; want text") {
			t.Errorf("after %s: %v; want the body refused", second, problems)
		}
	}
}

// TestBrokenFlowIsRefusedWithItsPlace where text will not do.
func TestBrokenFlowIsRefusedWithItsPlace(t *testing.T) {
	for flag, want := range map[string]string{
		"load={model: open":  "--set load:2:1: did not find expected",
		"tags=[a":            "--set tags:2:1: did not find expected",
		"part={kind: x":      "--set part:2:1: did not find expected",
		"seed={":             `seed is "{"; want a whole number`,
		"load={a: !!int 3}":  "--set load:1:5: tag !!int is not supported",
		"headers={a: 1, b":   "--set headers:2:1: did not find expected",
		"load={max: 1} more": "--set load:1:",
	} {
		doc, err := set(t, flag)
		if err == nil {
			err = Decode(doc, &texts{}).Err()
		}
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v; want %s", flag, err, want)
		}
	}
}

// TestTextInFilesWantsQuotes: in a file what looks like a map is one.
func TestTextInFilesWantsQuotes(t *testing.T) {
	for src, want := range map[string]string{
		"body: {a: 1}":   "x.yaml:1:7: body is a map; want text, in quotes",
		"body: [1]":      "x.yaml:1:7: body is a list; want text, in quotes",
		"body: null":     "x.yaml:1:7: body is empty; want text",
		"tags: [a, [b]]": "x.yaml:1:11: tags[1] is a list; want text, in quotes",
	} {
		if got := Decode(parse(t, src), &texts{}).Error(); got != want {
			t.Errorf("%s: %s; want %s", src, got, want)
		}
	}
}

// TestTexts: one text stands for a list of one, in a file and from a flag.
func TestTexts(t *testing.T) {
	type config struct {
		Headers map[string]Texts `yaml:"headers"`
	}
	want := map[string]Texts{"A": {"1"}, "B": {"1", "2"}, "C": {`{"a":1}`}, "D": {"[x"}, "E": {"y", "z"}, "F": {"null"}}
	doc := parse(t, "headers: {A: 1, B: [1, '2']}")
	for _, flag := range []string{`C={"a":1}`, "D=[x", "E=[y, z]", "F=null"} {
		path, text, _ := strings.Cut("headers."+flag, "=")
		if err := doc.Set(path, Value("--set "+path, text)); err != nil {
			t.Fatal(err)
		}
	}
	var got, again config
	if problems := Decode(doc, &got); problems != nil || !reflect.DeepEqual(got.Headers, want) {
		t.Errorf("headers are %q, %v; want %q", got.Headers, problems, want)
	}
	written := Encode(got)
	if problems := Decode(parse(t, string(written)), &again); problems != nil || !reflect.DeepEqual(again, got) {
		t.Errorf("%s reads back as %q, %v", written, again, problems)
	}
	if got := string(Encode(config{map[string]Texts{"A": {"1"}, "B": {"1", "2"}, "C": {}}})); got != `{"headers":{"A":"1","B":["1","2"],"C":[]}}` {
		t.Errorf("written as %s", got)
	}
	for src, want := range map[string]string{
		"headers: {A: {b: 1}}": "x.yaml:1:14: A is a map; want text, in quotes",
		"headers: {A: [[b]]}":  "x.yaml:1:15: A[0] is a list; want text, in quotes",
		"headers: {A: }":       "x.yaml:1:14: A is empty; want text",
	} {
		if got := Decode(parse(t, src), &config{}).Error(); got != want {
			t.Errorf("%s: %s; want %s", src, got, want)
		}
	}
}
