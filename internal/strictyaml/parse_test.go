package strictyaml

import (
	"strings"
	"testing"
)

func TestParseRefuses(t *testing.T) {
	tests := []struct{ name, src, want string }{
		{"empty", "", "x.yaml: document is empty; want a map"},
		{"comment", "# nothing\n", "x.yaml: document is empty; want a map"},
		{"syntax", "a: [1, 2\nb: 3\n", "x.yaml:2:2: "},
		{"tab", "a:\n\tb: 1\n", "x.yaml:2:1: "},
		{"two documents", "a: 1\n---\nb: 2\n", "x.yaml:2:1: file has a second document"},
		{"tag", "a: !!int 3\nb: !secret x\n", "x.yaml:1:4: tag !!int is not supported; want the value without it\nx.yaml:2:4: tag !secret"},
		{"merge", "a: &a {b: 1}\nc:\n  <<: *a\n", "x.yaml:3:3: merge key << is not supported"},
		{"key", "? [a]\n: 1\n", "x.yaml:1:3: key is a list; want text"},
		{"unknown alias", "a: *b\n", "x.yaml:1:4: "},
		{"cycle", "a: &a [*a]\n", "x.yaml:1:1: aliases expand"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if _, err := Parse("x.yaml", []byte(tt.src)); err == nil || !strings.HasPrefix(err.Error(), tt.want) {
				t.Errorf("Parse error = %v; want %s…", err, tt.want)
			}
		})
	}
}

func TestParseReturnsTheTreeBesideRefusals(t *testing.T) {
	n, err := Parse("x.yaml", []byte("a: !!int 3\nb: 4\n"))
	if err == nil || n.Get("b").String() != "4" {
		t.Errorf("Parse = %v, %v; want a tree and an error", n, err)
	}
}

func TestAliasesAreCopies(t *testing.T) {
	n := parse(t, "a: &a {rate: 1/s}\nb: *a\nc: *a\n")
	if err := n.Set("b.rate", NewScalar("--set", "2/s")); err != nil {
		t.Fatal(err)
	}
	if got := string(n.ToJSON()); got != `{"a":{"rate":"1/s"},"b":{"rate":"2/s"},"c":{"rate":"1/s"}}` {
		t.Errorf("after Set: %s", got)
	}
}

func TestAliasBomb(t *testing.T) {
	src := "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
	for i := range 20 {
		src += strings.NewReplacer("N", string(rune('b'+i)), "P", previous(i)).Replace(
			"N: &N [*P, *P, *P, *P, *P, *P, *P, *P, *P, *P]\n")
	}
	if _, err := Parse("x.yaml", []byte(src)); err == nil || !strings.Contains(err.Error(), "aliases expand to more than 10000 values") {
		t.Errorf("Parse error = %v", err)
	}
}

func previous(i int) string {
	if i == 0 {
		return "a0"
	}
	return string(rune('a' + i))
}

func TestValue(t *testing.T) {
	tests := []struct{ text, want string }{
		{"1/s", `"1/s"`},
		{"5", "5"},
		{"{kind: burst, on: 50ms}", `{"kind":"burst","on":"50ms"}`},
		{"[1, 2]", "[1,2]"},
		{"", "null"},
	}
	for _, tt := range tests {
		if n := Value("--set", tt.text); string(n.ToJSON()) != tt.want {
			t.Errorf("Value(%q) = %s; want %s", tt.text, n.ToJSON(), tt.want)
		}
	}
}

// FuzzParse checks that whatever Parse accepts can be decoded without a panic,
// and is the same document after a walk through JSON.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{full, "a: &a [1, *a]", "{a: {b: [c, 'd', \"e\"]}}", "a: |\n  x\n", "? a\n: b\n", "\xff\xfea"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, src []byte) {
		n, err := Parse("x.yaml", src)
		if err != nil {
			return
		}
		var into everything
		_ = Decode(n, &into).Error()
		first := n.ToJSON()
		again, err := Parse("x.json", first)
		if err != nil {
			t.Fatalf("JSON of %q does not parse: %v\n%s", src, err, first)
		}
		if second := again.ToJSON(); string(second) != string(first) {
			t.Errorf("JSON of %q changes from %s to %s", src, first, second)
		}
	})
}
