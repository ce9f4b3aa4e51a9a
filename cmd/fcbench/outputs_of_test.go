package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/fcbench/fcbench/internal/formats"
)

// spoken are the formats of a text; that of faults cannot be written.
func spoken() formats.List[string] {
	print := func(w io.Writer, v string) error {
		_, err := io.WriteString(w, v)
		return err
	}
	return formats.List[string]{
		{Name: "table", Ending: ".txt", Write: formats.Plain(print)},
		{Name: "json", Ending: ".json", Write: formats.Plain(formats.JSON[string])},
		{Name: "fault", Write: formats.Plain(func(w io.Writer, v string) error {
			return errors.Join(print(w, "half"), errors.New("no more of it"))
		})},
	}
}

// TestParseOutputsOf: a kind, a kind with its file, or a file by its ending; each of its own.
func TestParseOutputsOf(t *testing.T) {
	t.Chdir(t.TempDir())
	if err := errors.Join(os.WriteFile("read.jsonl", []byte("x"), 0o600), os.Link("read.jsonl", "linked.txt"), os.Symlink("new.json", "ahead.json")); err != nil {
		t.Fatal(err)
	}
	here, err := filepath.Abs(".")
	if err != nil {
		t.Fatal(err)
	}
	for spec, want := range map[string]string{
		"table": "[table to -]", "json=x": "[json to x]", "json=/dev/stdout": "[json to -]", "a/b.txt": "[table to a/b.txt]", "json=a=b": "[json to a=b]", "fault=x.json": "[fault to x.json]",
		"x": "want KIND or KIND=FILE with KIND one of table, json, fault, or a FILE that ends in .txt, .json", "json=": `--output is "json="; want`, "xml=x.json": `--output is "xml=x.json"; want`, "": `--output is ""`,
		"json=read.jsonl": "names read.jsonl, which is taken", "json=./read.jsonl": "which is taken", "linked.txt": "names linked.txt, which is taken", "json=" + here + "/read.jsonl": "which is taken",
		"json=x table=./x": "names ./x, which is taken", "json table": "names -, which is taken", "x.json json=" + here + "/x.json": "which is taken", "json=/dev/null table=/dev/null": "names /dev/null, which is taken",
		"json=x table=y": "[json to x table to y]", "what json=read.jsonl": "--output is \"what\"; want KIND or KIND=FILE with KIND one of table, json, fault, or a FILE that ends in .txt, .json\n--output names read.jsonl",
	} {
		specs := strings.Fields(spec)
		if spec == "" {
			specs = []string{""}
		}
		all, err := parseOutputsOf(specs, spoken(), "read.jsonl", "")
		var parts []string
		for _, one := range all {
			parts = append(parts, one.Name+" to "+one.path)
		}
		got := fmt.Sprint(parts)
		if err != nil {
			got = err.Error()
		}
		if !strings.Contains(got, want) {
			t.Errorf("%q is %s; want %s", spec, got, want)
		}
	}
}

// TestReachable: what cannot be written is said at once, and nothing is left or touched.
func TestReachable(t *testing.T) {
	t.Chdir(t.TempDir())
	if err := os.WriteFile("old.json", []byte("abc"), 0o600); err != nil {
		t.Fatal(err)
	}
	all, err := parseOutputsOf([]string{"json", "old.json", "table=new", "table=a/x", "table=b/x"}, spoken())
	if err != nil {
		t.Fatal(err)
	}
	if err := reachable(all); err == nil || !strings.Contains(err.Error(), "a/x") || !strings.Contains(err.Error(), "b/x") {
		t.Errorf("%v; want both that cannot be written", err)
	}
	if err := reachable(all[:3]); err != nil {
		t.Error(err)
	}
	if names, err := filepath.Glob("*"); err != nil || fmt.Sprint(names) != "[old.json]" {
		t.Errorf("there are %v, %v; want what there was", names, err)
	}
	if text, err := os.ReadFile("old.json"); err != nil || string(text) != "abc" {
		t.Errorf("it holds %q, %v; want what it held", text, err)
	}
}

// TestWriteAll: the table is shown where nothing else is, a file is replaced as is said, and
// what cannot be made whole replaces nothing.
func TestWriteAll(t *testing.T) {
	t.Chdir(t.TempDir())
	if err := errors.Join(os.WriteFile("old.json", []byte("abc"), 0o600), os.WriteFile("kept", []byte("abc"), 0o600)); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		specs          string
		out, said, bad string
	}{
		{"", "found", "", ""},
		{"json", "\"found\"\n", "", ""},
		{"old.json", "found", "fcbench: replaced old.json (3 bytes)\n", ""},
		{"fault=kept table=beside", "found", "fcbench: kept is as it was (3 bytes): there is nothing to replace it with\n", "no more of it"},
		{"json=none/x table=beside2", "found", "", "none/x"},
	} {
		all, err := parseOutputsOf(strings.Fields(tt.specs), spoken())
		if err != nil {
			t.Fatal(err)
		}
		var out, said bytes.Buffer
		err = writeAll(streams{out: &out, err: &said}, withTable(all, spoken()), "found")
		if out.String() != tt.out || said.String() != tt.said || (err != nil) != (tt.bad != "") || err != nil && !strings.Contains(err.Error(), tt.bad) {
			t.Errorf("%q: printed %q, said %q, %v; want %+v", tt.specs, out.String(), said.String(), err, tt)
		}
	}
	for name, want := range map[string]string{"old.json": "\"found\"\n", "kept": "abc", "beside": "found", "beside2": "found"} {
		if text, err := os.ReadFile(name); err != nil || string(text) != want {
			t.Errorf("%s holds %q, %v; want %q", name, text, err, want)
		}
	}
}
