package strictyaml

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"testing"

	"github.com/fcbench/fcbench/internal/units"
)

func TestEncode(t *testing.T) {
	config := everything{Name: "<a> & true", Timeout: 5e9, Exponent: 0.99, Tags: []string{"true", "1"}}
	const want = `{"name":"<a> & true","timeout":"5s","n":0,"class":0,"seed":0,"exponent":0.99,` +
		`"virtual":false,"burst":0,"load":{"model":"","max":0},"tags":["true","1"]}`
	if got := string(Encode(config)); got != want {
		t.Errorf("Encode =\n%s\nwant\n%s", got, want)
	}
	if got := string(Encode(nil)); got != "null" {
		t.Errorf("Encode(nil) = %s", got)
	}
}

func TestEncodeThenDecode(t *testing.T) {
	var first, second everything
	if problems := Decode(parse(t, full), &first); problems != nil {
		t.Fatal(problems)
	}
	text := Encode(&first)
	if !json.Valid(text) {
		t.Fatalf("Encode wrote %s", text)
	}
	if problems := Decode(parse(t, string(text)), &second); problems != nil {
		t.Fatalf("%v\nin %s", problems, text)
	}
	first.Subject, second.Subject = nil, nil // same content, other positions
	if !reflect.DeepEqual(first, second) {
		t.Errorf("after Encode and Decode:\n%+v\nwant\n%+v", second, first)
	}
}

func TestToJSON(t *testing.T) {
	const src = `{a: 1, b: 010, c: "2", d: ~, e: [true, yes, -1.5e3, .5], f: 2001-01-01, "g\"": }`
	const want = `{"a":1,"b":"010","c":"2","d":null,"e":[true,"yes",-1.5e3,".5"],"f":"2001-01-01","g\"":null}`
	if got := string(parse(t, src).ToJSON()); got != want {
		t.Errorf("ToJSON = %s\nwant     %s", got, want)
	}
	if got := string(NewScalar("--x", `{"a":1}`).ToJSON()); got != `"{\"a\":1}"` {
		t.Errorf("ToJSON of a scalar that looks like JSON = %s", got)
	}
}

// pair is a generic type that marshals itself.
type pair[T any] struct{ a, b T }

func (p pair[T]) MarshalText() ([]byte, error)  { return fmt.Append(nil, p.a, "-", p.b), nil }
func (p *pair[T]) UnmarshalText(b []byte) error { return errors.New("want a pair") }

func TestTextTypes(t *testing.T) {
	config := struct {
		P pair[int] `yaml:"p"`
	}{pair[int]{1, 2}}
	if got, want := Fields(config), (Field{"p", "pair", "1-2"}); len(got) != 1 || got[0] != want {
		t.Errorf("Fields = %q; want %q", got, want)
	}
	if got := Decode(parse(t, "p: [1, 2]"), &config).Error(); got != "x.yaml:1:4: p is a list; want a pair" {
		t.Errorf("Decode: %s", got)
	}
}

func TestFieldsAndUsage(t *testing.T) {
	config := everything{N: 3, Rate: units.Rate{Count: 1, Per: 1e9}, Tags: []string{"a"}}
	want := []Field{
		{"name", "text", ""},
		{"rate", "rate", "1/s"},
		{"timeout", "duration", "0s"},
		{"size", "size", "0B"},
		{"n", "whole number", "3"},
		{"class", "whole number", "0"},
		{"seed", "whole number", "0"},
		{"exponent", "number", "0"},
		{"virtual", "true or false", "false"},
		{"burst", "whole number", "0"},
		{"load", "map", `{"model":"","max":0}`},
		{"optional", "map", ""},
		{"tags", "list of text", `["a"]`},
		{"waits", "list of rate", ""},
		{"weights", "map", ""},
		{"subject", "any", ""},
	}
	if got := Fields(&config); !reflect.DeepEqual(got, want) {
		t.Errorf("Fields = %q\nwant     %q", got, want)
	}
	type hotset struct {
		N        units.Count `yaml:"n"`
		HotKeys  int         `yaml:"hot_keys"`
		Weights  []float64   `yaml:"weights"`
		HotShare float64     `yaml:"hot_share"`
	}
	if got := Usage("hotset", hotset{}); got != "hotset:N:HOT_KEYS:HOT_SHARE" {
		t.Errorf("Usage = %s", got)
	}
}
