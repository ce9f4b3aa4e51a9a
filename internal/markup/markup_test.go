package markup

import (
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"testing"
	"unicode/utf8"
)

// hostile are texts that would be something else than text.
var hostile = []string{
	"<script>alert(1)</script>", `" onload="x`, "' onload='x", "]]>", "--><b>", "&lt;&amp;", "a\x00b\x1b[31m", "\xff\xfe", "\u202egnp", "\ufffe", "</style><svg/onload=x>", "a\nb\tc", "]]&gt;", "javascript:x",
}

// read takes a document apart with another's reader: its elements, attributes and text.
func read(t *testing.T, doc string) (names []string, values, text string) {
	t.Helper()
	d := xml.NewDecoder(strings.NewReader(doc))
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return names, values, text
		}
		if err != nil {
			t.Fatalf("%v in %q", err, doc)
		}
		switch one := token.(type) {
		case xml.StartElement:
			names = append(names, one.Name.Local)
			for _, a := range one.Attr {
				names = append(names, a.Name.Local)
				values += a.Value
			}
		case xml.CharData:
			text += string(one)
		case xml.Comment, xml.Directive, xml.ProcInst:
			t.Errorf("%T in %q", one, doc)
		}
	}
}

// TestNothingGivenIsMarkup: whatever text there is, it is read back as the text that it
// was, but for what no document can hold, and the elements are those that were written.
func TestNothingGivenIsMarkup(t *testing.T) {
	for _, given := range hostile {
		holdsText(t, given)
	}
}

func holdsText(t *testing.T, given string) {
	t.Helper()
	var w Writer
	w.In("p", func() {
		w.Text(given)
		w.Void("br", "title", given)
	})
	names, values, text := read(t, w.String())
	if strings.Join(names, " ") != "p br title" {
		t.Errorf("%q made %q", given, names)
	}
	if values != text && values != strings.NewReplacer("\n", " ", "\t", " ").Replace(text) {
		t.Errorf("%q is %q as text and %q in an attribute", given, text, values)
	}
	plain := utf8.ValidString(given) && !strings.ContainsAny(given, "\x00\x1b\u202e\ufffe\r")
	if plain && text != given {
		t.Errorf("%q was read back as %q", given, text)
	}
}

func FuzzText(f *testing.F) {
	for _, given := range hostile {
		f.Add(given)
	}
	f.Fuzz(func(t *testing.T, given string) {
		var w Writer
		w.Leaf("p", given, "title", given)
		if names, values, text := read(t, w.String()); strings.Join(names, " ") != "p title" || len(values) != len(text) {
			t.Errorf("%q made %q, %q and %q", given, names, values, text)
		}
	})
}

func TestNum(t *testing.T) {
	for v, want := range map[float64]string{0: "0", -0.01: "0", 1: "1", 12.34: "12.3", -5.06: "-5.1", 100: "100"} {
		if got := Num(v); got != want {
			t.Errorf("Num(%v) is %s; want %s", v, got, want)
		}
	}
}
