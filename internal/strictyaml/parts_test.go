package strictyaml

import (
	"strings"
	"testing"
)

// waits are written with commas.
type waits []string

func (w *waits) UnmarshalText(text []byte) error {
	*w = strings.Split(string(text), ",")
	return nil
}

// TestListsOfParts: what is written with commas may be a list of its parts too, in
// a file as in a flag.
func TestListsOfParts(t *testing.T) {
	for _, tt := range []struct{ src, want string }{
		{"waits: 1ms,2ms", "1ms 2ms"},
		{"waits: [1ms, 2ms]", "1ms 2ms"},
		{"waits:\n- 1ms\n- 2ms", "1ms 2ms"},
		{"waits: [1, 5=10]", "1 5=10"},
		{"waits: {a: 1ms}", "x.yaml:1:8: waits is a map; want waits, as text with commas or a list of text"},
		{"waits: [1ms, {a: 2ms}, [3ms]]", "x.yaml:1:14: waits[1] is a map; want text\nx.yaml:1:24: waits[2] is a list; want text"},
	} {
		var c struct {
			Waits waits `yaml:"waits"`
		}
		got := ""
		if err := Decode(parse(t, tt.src), &c).Err(); err != nil {
			got = err.Error()
		} else {
			got = strings.Join(c.Waits, " ")
		}
		if got != tt.want {
			t.Errorf("%s: got %s; want %s", tt.src, got, tt.want)
		}
	}
	var c struct {
		Waits waits `yaml:"waits"`
	}
	doc := NewMap("flags")
	if err := doc.Set("waits", Value("--set waits", "[1ms, 2ms]")); err != nil || Decode(doc, &c).Err() != nil || strings.Join(c.Waits, " ") != "1ms 2ms" {
		t.Errorf("from a flag they are %q", c.Waits)
	}
}
