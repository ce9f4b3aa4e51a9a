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

// TestSpelled: a part in the short form is the map that it stands for.
func TestSpelled(t *testing.T) {
	type config struct {
		N    int      `yaml:"n"`
		List []string `yaml:"list"` // which the short form has not
		Word string   `yaml:"word"`
	}
	for src, want := range map[string]string{
		"p: zipf:3:hot": `{"kind":"zipf","n":3,"word":"hot"}`, "p: zipf::hot": `{"kind":"zipf","word":"hot"}`, "p: zipf": `{"kind":"zipf"}`,
		"p: {word: a:b, kind: zipf}": `{"word":"a:b","kind":"zipf"}`, "p: zipf:1:2:3": `"zipf:1:2:3"`,
	} {
		doc, err := Parse("f", []byte(src))
		if err != nil {
			t.Fatal(err)
		}
		if got := string(Spelled(doc.Get("p"), config{}).ToJSON()); got != want {
			t.Errorf("%s is %s; want %s", src, got, want)
		}
	}
}
