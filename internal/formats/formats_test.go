package formats

import (
	"bytes"
	"fmt"
	"io"
	"testing"
)

func numbers() List[int] {
	return List[int]{
		{Name: "table", Ending: ".txt", Write: func(w io.Writer, v int, o Options) error {
			_, err := fmt.Fprintf(w, "%*d", o.Width, v)
			return err
		}},
		{Name: "json", Ending: ".json", Write: Plain(JSON[int])},
		{Name: "odd", Write: Plain(JSON[int])},
	}
}

// TestKnown by their names, and by the endings of files.
func TestKnown(t *testing.T) {
	l := numbers()
	for path, want := range map[string]string{"a.txt": "table", "b/c.json": "json", "odd": "", "x.odd": "", "json": "", ".jsonl": "", "": ""} {
		if f, ok := l.For(path); ok != (want != "") || f.Name != want {
			t.Errorf("%q is %q; want %q", path, f.Name, want)
		}
	}
	for name, want := range map[string]bool{"table": true, "odd": true, "a.txt": false, ".txt": false, "": false} {
		if f, ok := l.Of(name); ok != want || ok && f.Name != name {
			t.Errorf("%q is %q, %t; want %t", name, f.Name, ok, want)
		}
	}
	if l.Kinds() != "table, json, odd" || l.Endings() != ".txt, .json" {
		t.Errorf("kinds are %s, endings %s", l.Kinds(), l.Endings())
	}
}

// TestWritten: as wide as was asked for, and text as it is.
func TestWritten(t *testing.T) {
	var b bytes.Buffer
	f, _ := numbers().For("x.txt")
	if err := f.Write(&b, 7, Options{Width: 3}); err != nil || b.String() != "  7" {
		t.Errorf("%q, %v", b.String(), err)
	}
	b.Reset()
	if err := JSON(&b, map[string]string{"a": "1 < 2 & 3"}); err != nil || b.String() != "{\n  \"a\": \"1 < 2 & 3\"\n}\n" {
		t.Errorf("%q, %v", b.String(), err)
	}
}
