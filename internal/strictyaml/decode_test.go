package strictyaml

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/fcbench/fcbench/internal/units"
)

// everything has a field of each sort that a document can fill.
type everything struct {
	Name     string         `yaml:"name"`
	Rate     units.Rate     `yaml:"rate"`
	Timeout  units.Duration `yaml:"timeout"`
	Size     units.Size     `yaml:"size,omitempty"`
	N        int            `yaml:"n"`
	Class    uint8          `yaml:"class"`
	Seed     uint64         `yaml:"seed"`
	Exponent float64        `yaml:"exponent"`
	Virtual  bool           `yaml:"virtual"`
	Common   common         `yaml:",inline"`
	Load     load           `yaml:"load"`
	Optional *load          `yaml:"optional"`
	Tags     []string       `yaml:"tags"`
	Waits    []units.Rate   `yaml:"waits"`
	Weights  map[string]int `yaml:"weights"`
	Subject  *Node          `yaml:"subject"`
	Client   func()         // handed in by the program, not by the document
}

type common struct {
	Burst int64 `yaml:"burst"`
}

type load struct {
	Model string `yaml:"model"`
	Max   int    `yaml:"max"`
}

func parse(t *testing.T, src string) *Node {
	t.Helper()
	n, err := Parse("x.yaml", []byte(src))
	if err != nil {
		t.Fatalf("Parse: %v", err)
	}
	return n
}

const full = `
name: 2001-01-01
rate: 1.5k/s
timeout: 1d12h
size: 4KiB
n: 010
class: 255
seed: 18446744073709551615
exponent: 1.1
virtual: true
burst: 20
load: {model: open}
optional: {max: 7}
tags: [no, "yes", 1_0]
waits: [100/s, max]
weights: {a: 1, b: 2}
subject: {limiter: {kind: gcra}}
`

func TestDecodeFillsEverything(t *testing.T) {
	got := everything{Load: load{Max: 4096}, Tags: []string{"default"}}
	n := parse(t, full)
	if problems := Decode(n, &got); problems != nil {
		t.Fatalf("Decode: %v", problems)
	}
	want := everything{
		Name:     "2001-01-01",
		Rate:     units.Rate{Count: 1500, Per: time.Second},
		Timeout:  units.Duration(36 * time.Hour),
		Size:     4096,
		N:        10,
		Class:    255,
		Seed:     1<<64 - 1,
		Exponent: 1.1,
		Virtual:  true,
		Common:   common{Burst: 20},
		Load:     load{Model: "open", Max: 4096},
		Optional: &load{Max: 7},
		Tags:     []string{"no", "yes", "1_0"},
		Waits:    []units.Rate{{Count: 100, Per: time.Second}, {Unlimited: true}},
		Weights:  map[string]int{"a": 1, "b": 2},
		Subject:  n.Get("subject"),
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("Decode = %+v\nwant     %+v", got, want)
	}
}

func TestDecodeKeepsDefaults(t *testing.T) {
	shared := &load{Model: "open", Max: 1}
	got := everything{N: 7, Optional: shared, Tags: []string{"a"}}
	if problems := Decode(parse(t, "optional: {max: 2}"), &got); problems != nil {
		t.Fatal(problems)
	}
	if got.N != 7 || len(got.Tags) != 1 || *got.Optional != (load{"open", 2}) {
		t.Errorf("Decode lost defaults: %+v", got)
	}
	if shared.Max != 1 {
		t.Error("Decode changed the default that it was given a pointer to")
	}
}

func TestDecodeReportsEveryProblem(t *testing.T) {
	const src = `rate: 10q
brust: 3
timeout: 30
n: 1e3
class: 256
seed: -1
exponent: .inf
virtual: yes
load: open
tags: a
weights: {a: x}
name:
waits: [1/s, 2/x]
burst: {}
n: 4
zzz: 1
`
	var into everything
	got := Decode(parse(t, src), &into, "kind").Error()
	want := []string{
		`x.yaml:1:7: rate is "10q"; want a rate`,
		`x.yaml:2:1: key "brust" is unknown; want one of burst, kind, name, rate,`,
		`x.yaml:3:10: timeout: duration is "30"; want a unit, such as 30s`,
		`x.yaml:4:4: n is "1e3"; want a whole number`,
		`x.yaml:5:8: class is "256"; want a whole number from 0 to 255`,
		`x.yaml:6:7: seed is "-1"; want a whole number of 0 or more`,
		`x.yaml:7:11: exponent is ".inf"; want a number`,
		`x.yaml:8:10: virtual is "yes"; want true or false`,
		`x.yaml:9:7: load is "open"; want a map with the keys model, max`,
		`x.yaml:10:7: tags is "a"; want a list of text`,
		`x.yaml:11:14: a is "x"; want a whole number`,
		`x.yaml:12:6: name is empty; want text`,
		`x.yaml:13:14: waits[1]: rate is "2/x"; want a rate`,
		`x.yaml:14:8: burst is a map; want a whole number`,
		`x.yaml:15:1: key "n" is given twice, first at x.yaml:4:1; want it once`,
		`x.yaml:16:1: key "zzz" is unknown; want one of kind, name, rate,`,
	}
	lines := strings.Split(got, "\n")
	if len(lines) != len(want) {
		t.Fatalf("%d problems; want %d:\n%s", len(lines), len(want), got)
	}
	for i, line := range lines {
		if !strings.HasPrefix(line, want[i]) {
			t.Errorf("problem %d:\n got %s\nwant %s", i+1, line, want[i])
		}
	}
}

func TestDecodeExcept(t *testing.T) {
	var l load
	n := parse(t, "{kind: gcra, max: 3}")
	if problems := Decode(n, &l, "kind"); problems != nil || l.Max != 3 {
		t.Errorf("Decode = %+v, %v", l, problems)
	}
	if problems := Decode(n, &l); len(problems) != 1 {
		t.Errorf("Decode without except: %v; want kind to be unknown", problems)
	}
	if got := Decode(n, &struct{}{}).Error(); !strings.Contains(got, `key "kind" is unknown; want no keys`) {
		t.Errorf("Decode into nothing: %s", got)
	}
}

func TestDecodeOtherThanStructs(t *testing.T) {
	var rates []units.Rate
	if problems := Decode(parse(t, "[1/s, 2/s]"), &rates); problems != nil || len(rates) != 2 {
		t.Errorf("Decode = %v, %v", rates, problems)
	}
	var small int8
	if got := Decode(NewScalar("--x", "200"), &small).Error(); got != `--x: document is "200"; want a whole number from -128 to 127` {
		t.Errorf("Decode into int8: %s", got)
	}
	var n units.Count
	if got := Decode(NewList("--n"), &n).Error(); got != "--n: document is a list; want a count" {
		t.Errorf("Decode a list into a count: %s", got)
	}
}

// TestWholeNumbersAreCounts: they may be written as counts are, if they fit.
func TestWholeNumbersAreCounts(t *testing.T) {
	type numbers struct {
		N     int    `yaml:"n"`
		Class uint8  `yaml:"class"`
		Seed  uint64 `yaml:"seed"`
	}
	var got numbers
	doc, err := Parse("x", []byte("{n: 12k, class: 1_0_0, seed: 1.5M}"))
	if err != nil || Decode(doc, &got) != nil || got != (numbers{12_000, 100, 1_500_000}) {
		t.Errorf("%+v; want 12000, 100 and 1500000", got)
	}
	if err := Decode(NewScalar("--x", "1k"), &got.Class).Err(); err == nil {
		t.Errorf("1k is %d; want it refused, as at most 255 fits", got.Class)
	}
}

func TestDecodePositional(t *testing.T) {
	type zipf struct {
		Exponent float64     `yaml:"exponent"`
		Skip     []string    `yaml:"skip"`
		N        units.Count `yaml:"n"`
	}
	tests := []struct {
		args    []string
		want    zipf
		problem string
	}{
		{[]string{"1.1", "10k"}, zipf{1.1, nil, 10000}, ""},
		{[]string{"1.1"}, zipf{1.1, nil, 7}, ""},
		{[]string{"", "9"}, zipf{0.5, nil, 9}, ""},
		{nil, zipf{0.5, nil, 7}, ""},
		{[]string{"a"}, zipf{}, `--keys: exponent is "a"; want a number`},
		{[]string{"1", "x"}, zipf{}, `--keys: n: count is "x"; want a count`},
		{[]string{"1", "2", "3"}, zipf{}, `--keys: 3 arguments are given; want at most 2 (exponent, n)`},
	}
	for _, tt := range tests {
		got := zipf{Exponent: 0.5, N: 7}
		problems := DecodePositional(tt.args, "--keys", &got)
		switch {
		case tt.problem == "" && (problems != nil || !reflect.DeepEqual(got, tt.want)):
			t.Errorf("%q: %+v, %v; want %+v", tt.args, got, problems, tt.want)
		case tt.problem != "" && (len(problems) != 1 || !strings.HasPrefix(problems.Error(), tt.problem)):
			t.Errorf("%q: %v; want %s", tt.args, problems, tt.problem)
		}
	}
}

func TestDecodeRefusesProgramMistakes(t *testing.T) {
	mistakes := map[string]any{
		"not a pointer": everything{},
		"bare duration": &struct {
			D time.Duration `yaml:"d"`
		}{},
		"a channel": &struct {
			D chan int `yaml:"d"`
		}{},
		"a nil *strings": (*everything)(nil),
	}
	for name, into := range mistakes {
		t.Run(name, func(t *testing.T) {
			defer func() {
				if recover() == nil {
					t.Error("Decode did not panic")
				}
			}()
			Decode(parse(t, "d: []"), into)
		})
	}
}
