package strictyaml

import (
	"errors"
	"fmt"
	"strings"
	"testing"
)

func TestNodesFromFlags(t *testing.T) {
	n := NewMap("--limiter")
	n.Put("kind", NewScalar("--limiter", "gcra"))
	n.Put("rate", NewScalar("--limit", "100/s"))
	n.Put("rate", NewScalar("--limit", "200/s"))
	tags := NewList("--tag")
	tags.Append(NewScalar("--tag", "7"))
	n.Put("tags", tags)
	if got := string(n.ToJSON()); got != `{"kind":"gcra","rate":"200/s","tags":[7]}` {
		t.Errorf("ToJSON = %s", got)
	}
	if got := n.Get("rate").Pos().String(); got != "--limit" {
		t.Errorf("Pos = %s; want --limit", got)
	}
	if n.Kind() != Map || tags.Kind() != List || n.Get("kind").Kind() != Scalar || len(tags.Items()) != 1 {
		t.Error("kinds are wrong")
	}
	var keys []string
	for key := range n.All() {
		keys = append(keys, key)
	}
	if got := strings.Join(keys, " "); got != "kind rate tags" {
		t.Errorf("All ranges over %s", got)
	}
}

func TestAbsentNodes(t *testing.T) {
	n := parse(t, "a: {b: 1}")
	if got := n.Get("x").Get("y").Get("z"); got != nil {
		t.Errorf("Get of an absent key = %v", got)
	}
	if n.Get("x").String() != "" || n.Get("x").Items() != nil {
		t.Error("an absent node is not empty")
	}
	for range n.Get("x").All() {
		t.Error("an absent node has keys")
	}
}

func TestSet(t *testing.T) {
	const src = "name: x\nload:\nsubjects: [{limiter: {kind: gcra}}, noop]\n"
	tests := []struct{ path, want string }{
		{"name", `{"name":5,"load":null,"subjects":[{"limiter":{"kind":"gcra"}},"noop"]}`},
		{"seed", `{"name":"x","load":null,"subjects":[{"limiter":{"kind":"gcra"}},"noop"],"seed":5}`},
		{"a.b.c", `{"name":"x","load":null,"subjects":[{"limiter":{"kind":"gcra"}},"noop"],"a":{"b":{"c":5}}}`},
		{"load.max", `{"name":"x","load":{"max":5},"subjects":[{"limiter":{"kind":"gcra"}},"noop"]}`},
		{"subjects[1]", `{"name":"x","load":null,"subjects":[{"limiter":{"kind":"gcra"}},5]}`},
		{"subjects[0].limiter.burst", `{"name":"x","load":null,"subjects":[{"limiter":{"kind":"gcra","burst":5}},"noop"]}`},
	}
	for _, tt := range tests {
		n := parse(t, src)
		if err := n.Set(tt.path, NewScalar("--set", "5")); err != nil || string(n.ToJSON()) != tt.want {
			t.Errorf("Set(%s): %v\n got %s\nwant %s", tt.path, err, n.ToJSON(), tt.want)
		}
	}
}

func TestSetRefuses(t *testing.T) {
	tests := []struct{ path, want string }{
		{"", `--set: path is ""; want keys and indices`},
		{"a..b", "want keys and indices"},
		{".a", "want keys and indices"},
		{"a[x]", "want keys and indices"},
		{"a[1", "want keys and indices"},
		{"a]", "want keys and indices"},
		{"a[0]b", "want keys and indices"},
		{"a[-1]", "want keys and indices"},
		{"a.", "want keys and indices"},
		{"name.x", `--set: name is "x"; want a map`},
		{"name[0]", `--set: name[0] leads into "x"; want a list`},
		{"subjects.x", `--set: subjects is a list; want a map`},
		{"subjects[2]", `--set: subjects[2] is beyond the end; want an index below 2`},
		{"subjects[1].a", `--set: subjects[1] is "noop"; want a map`},
		{"streams[0].a", `--set: streams is absent; want a list`},
	}
	for _, tt := range tests {
		n := parse(t, "name: x\nsubjects: [{}, noop]\n")
		if err := n.Set(tt.path, NewScalar("--set", "5")); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("Set(%q) error = %v; want %s", tt.path, err, tt.want)
		}
	}
	n := NewScalar("--x", "1")
	if err := n.Set("a", n); err == nil || err.Error() != `--x: document is "1"; want a map` {
		t.Errorf("Set in a scalar: %v", err)
	}
}

func TestAt(t *testing.T) {
	n := parse(t, "a: 1").Get("a")
	placed := Problem{Pos{Origin: "--y"}, "elsewhere"}
	err := errors.Join(errors.New("one"), fmt.Errorf("two"), placed, Problems{placed})
	want := "--y: elsewhere\n--y: elsewhere\nx.yaml:1:4: one\nx.yaml:1:4: two"
	if got := n.At(err).Error(); got != want {
		t.Errorf("At =\n%s\nwant\n%s", got, want)
	}
	if n.At(nil).Err() != nil {
		t.Error("no problems are an error")
	}
}

func FuzzSet(f *testing.F) {
	f.Add("subjects[0].limiter.rate")
	f.Add("a.b[3]")
	f.Fuzz(func(t *testing.T, path string) {
		n := parse(t, "subjects: [{limiter: {kind: gcra}}, noop]\n")
		if err := n.Set(path, NewScalar("--set", "needle")); err == nil && !strings.Contains(string(n.ToJSON()), "needle") {
			t.Errorf("Set(%q) lost the value: %s", path, n.ToJSON())
		}
	})
}

// TestCloneIsACopy: neither sees what is done to the other, also deep within.
func TestCloneIsACopy(t *testing.T) {
	const src = "a: {b: [1, 2]}\nc: x\n"
	n := parse(t, src)
	c := n.Clone()
	if err := c.Set("a.b[1]", NewScalar("test", "3")); err != nil {
		t.Fatal(err)
	}
	c.Put("d", NewScalar("test", "4"))
	n.Get("a").Put("e", NewScalar("test", "5"))
	n.Remove("c")
	n.Remove("absent")
	if got := string(n.ToJSON()); got != `{"a":{"b":[1,2],"e":5}}` {
		t.Errorf("the original is %s", got)
	}
	if got := string(c.ToJSON()); got != `{"a":{"b":[1,3]},"c":"x","d":4}` {
		t.Errorf("the copy is %s", got)
	}
	if got, want := c.Get("a").Get("b").Pos(), n.Get("a").Get("b").Pos(); got != want {
		t.Errorf("the copy is from %v; want %v", got, want)
	}
	flag := Value("--set", "{a: 1}")
	var text string
	if ps := Decode(flag.Clone(), &text); ps != nil || text != "{a: 1}" {
		t.Errorf("the copy of a flag's value is the text %q, %v", text, ps)
	}
}
