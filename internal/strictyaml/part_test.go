package strictyaml

import "testing"

func TestPart(t *testing.T) {
	type config struct {
		N    int    `yaml:"n"`
		Word string `yaml:"word"`
	}
	for src, want := range map[string]config{
		"p: zipf:3:hot":                    {3, "hot"},
		"p: {kind: zipf, word: hot, n: 3}": {3, "hot"},
		"p: zipf":                          {},
	} {
		doc, err := Parse("f", []byte(src))
		if err != nil {
			t.Fatal(err)
		}
		kind, decode := Part(doc.Get("p"))
		var got config
		if err := decode(&got); kind != "zipf" || err != nil || got != want {
			t.Errorf("%s is %q, %+v, %v; want zipf, %+v", src, kind, got, err, want)
		}
	}
	doc, _ := Parse("f", []byte("p: {n: 3}"))
	if kind, _ := Part(doc.Get("p")); kind != "" {
		t.Errorf("a part without a kind is of kind %q", kind)
	}
}
