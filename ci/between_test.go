package ci

import (
	"strings"
	"testing"
)

// TestBetween: both sides are what side b is, at two revisions, and the policy stays as it was.
func TestBetween(t *testing.T) {
	p, err := ParsePolicy("p.yaml", []byte("a: {bench: {ref: merge-base, pkg: ./old}}\nb: {bench: {ref: worktree, pkg: ./new}}\nclaims: [{metric: ns/op}]\n"))
	if err != nil {
		t.Fatal(err)
	}
	q, err := p.Between("one", "two")
	if err != nil || q.A.Bench.Ref != "one" || q.B.Bench.Ref != "two" || q.A.Bench.Pkg != "./new" || p.B.Bench.Ref != "worktree" || p.A.Bench.Pkg != "./old" {
		t.Errorf("%+v and %+v, %v; want ./new at one and at two", q.A.Bench, q.B.Bench, err)
	}
	for _, kind := range []string{"build: {ref: HEAD, pkg: ./x}", "fcbench: {ref: HEAD}"} {
		p, err := ParsePolicy("p.yaml", []byte("scenario: s\na: {subject: x}\nb: {"+kind+"}\nclaims: [{metric: goodput}]\n"))
		if err != nil {
			t.Fatal(err)
		}
		q, err := p.Between("one", "two")
		if err != nil {
			t.Fatal(err)
		}
		for side, want := range map[*Side]string{q.A: "one", q.B: "two"} {
			b := side.Build
			if b == nil {
				b = side.FCBench
			}
			if b.Ref != want {
				t.Errorf("%s: it is of %s; want %s", kind, b.Ref, want)
			}
		}
	}
	p, err = ParsePolicy("p.yaml", []byte("scenario: s\na: {subject: x}\nb: {subject: y}\nclaims: [{metric: goodput}]\n"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.Between("one", "two"); err == nil || !strings.Contains(err.Error(), "side b of p.yaml is of no revision") {
		t.Errorf("of no revision: %v", err)
	}
}
