package ci

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/fcbench/fcbench/internal/rounds"
	"github.com/fcbench/fcbench/internal/seed"
)

// drawn makes up policies of pieces that are right each, most of them, and are not
// beside each other.
type drawn struct {
	seed.Stream
	k uint64
}

func (d *drawn) of(choices ...string) string {
	d.k++
	return choices[d.Uint64(d.k)%uint64(len(choices))]
}

// rarely is a piece that stands in one policy of eight.
func (d *drawn) rarely(choices ...string) string {
	if d.of("", "", "", "", "", "", "", "x") == "" {
		return ""
	}
	return d.of(choices...)
}

func (d *drawn) side(ref string) string {
	kind := d.of("subject: "+ref, "command: serve "+ref, "build: {ref: "+ref+", pkg: ./cmd/server"+d.rarely(", randomise: true", ", randomise: 1")+"}", "fcbench: {ref: "+ref+d.rarely(", randomise: false")+"}", "bench: {ref: "+ref+"}", "bench: {ref: "+ref+"}", "url: 'http://127.0.0.1/"+ref+"'")
	other := d.rarely(", fcbench: {ref: HEAD}", ", bench: {ref: HEAD}", ", scenario: x.yaml", ", scenario: x.yaml", ", command: x", ", set: {duration: 1s}", ", subject: y")
	if key, _, _ := strings.Cut(other, ":"); strings.HasPrefix(kind, strings.TrimPrefix(key, ", ")+":") {
		other = "" // which it is already
	}
	return "{" + kind + other + d.rarely(", pin: 0-1", ", env: [A=b]", ", stop: 2s", ", env: [A]", ", pin: all", ", prepare: make", ", cleanup: rm x, timeout: 3s",
		", ready: {command: x, url: 'http://127.0.0.1/'}", ", ready: {url: 'http://127.0.0.1/', within: 5s}", ", bred: 1") + "}"
}

func (d *drawn) policy() string {
	var b strings.Builder
	for _, piece := range []string{
		d.of("scenario: s.yaml\n", "scenario: s.yaml\n", "scenario: [s.yaml, t.yaml]\n", "scenario: []\n", "", ""),
		d.of("", "virtual: true\n", "", "virtual: false\n"),
		d.of("", "a: "+d.side("one")+"\n", "a: "+d.side("one")+"\n", "a: "+d.side("one")+"\n"),
		d.of("", "b: "+d.side("two")+"\n", "b: "+d.side("two")+"\n", "b: "+d.side("two")+"\n"),
		d.of("", "", "capacity: {}\n", "capacity: {goals: 'response.ok.p99 < 20ms'"+d.rarely(", confidence: 90%")+"}\n"),
		d.rarely("pairs: [8]\n", "pairs: [8, 14]\n", "pairs: [9]\n", "pairs: []\n", "pairs: [4]\n"),
		d.rarely("null_pairs: 0\n", "null_pairs: 6\n", "null_pairs: 3\n", "null_pairs: 21\n"),
		d.rarely("alpha: 0.02\n", "alpha: 0\n", "pass_alpha: 0.1\n", "pass_alpha: 1\n"),
		d.rarely("seed: 7\n", "seed: -1\n", "only: gcra\n", "only: [a, b]\n", "quick: true\n", "quick: 1\n", "name: x\n", "pears: 1\n"),
	} {
		b.WriteString(piece)
	}
	metric, floor := "response.ok.p99", "1ms"
	switch {
	case strings.Contains(b.String(), "capacity"):
		metric, floor = d.of("capacity", "capacity", "capacity", metric), "1/s"
	case strings.Contains(b.String(), " bench: ") || strings.Contains(b.String(), "{bench: "):
		metric, floor = "ns/op", "20"
	}
	return b.String() + "claims: [{metric: " + metric + d.of("", ", margin: 5%", ", margin: 5%", ", margin: 5%, floor: "+floor, ", at_least: 5k/s", ", at_least: 5k/s") + "}]\n"
}

// reads reports whether gate takes a policy, or selftest, which asks for side a alone.
func reads(text string) error {
	_, err := ParsePolicy("gate.yaml", []byte(text))
	if err != nil && strings.Contains(text, "\na: ") != strings.HasPrefix(text, "a: ") && !strings.Contains(text, "\nb: ") && !strings.HasPrefix(text, "b: ") {
		_, err = parsePolicy("gate.yaml", []byte(text), true)
	}
	return err
}

// TestSchemaIsTheReader: whatever pieces a policy is made of, who checks it by the
// published schema hears what the reader says.
func TestSchemaIsTheReader(t *testing.T) {
	s, _ := schemaOf(t, "../docs/gate.schema.json")
	taken, refused := 0, 0
	d := &drawn{Stream: seed.New(5)}
	for range rounds.Of(1200) {
		text := d.policy()
		err, schemaErr := reads(text), s.Validate(instance(t, text))
		switch {
		case err == nil && schemaErr == nil:
			taken++
		case err != nil && schemaErr != nil:
			refused++
		default:
			t.Errorf("of\n%s\nthe reader says %v\nand the schema %v", text, err, schemaErr)
		}
	}
	if least := rounds.Of(1200) / 20; taken < least || refused < least {
		t.Errorf("%d policies are taken and %d refused; want %d at least of each", taken, refused, least)
	}
}

// TestShippedPoliciesFollowTheSchema: those that come with fcbench are right by it.
func TestShippedPoliciesFollowTheSchema(t *testing.T) {
	s, _ := schemaOf(t, "../docs/gate.schema.json")
	files, err := filepath.Glob("*.yaml")
	if err != nil || len(files) < 5 {
		t.Fatalf("policies are %v (%v)", files, err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Validate(instance(t, string(text))); err != nil {
			t.Errorf("%s: %v", file, err)
		}
	}
}
