//go:build unix

package gating

import (
	"bytes"
	"context"
	"os"
	"testing"

	"github.com/fcbench/fcbench/ci"
)

// TestLayouts: a program that is to be linked anew for each run is another file each time; any
// other is built once.
func TestLayouts(t *testing.T) {
	dir := repository(t, map[string]string{"go.mod": module, "main.go": "package main\n\nfunc main() {}\n"})
	g, _ := services(t, "sleep 30", "sleep 31", "{}")
	s := g.b.(*started)
	if _, err := s.prepare(soon(t)); err != nil {
		t.Fatal(err)
	}
	other, _ := gateOf(t, dir, "a: {bench: {ref: HEAD}}\nb: {bench: {ref: worktree}}\nclaims: [{metric: ns/op}]\n")
	if err := other.shared.lock(t.Context()); err != nil {
		t.Fatal(err)
	}
	b, err := other.build(soon(t), &ci.Build{Ref: "HEAD", Pkg: ".", Randomise: true})
	if err != nil {
		t.Fatal(err)
	}
	held := func() []byte {
		text, err := os.ReadFile(b.binary)
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
	usual := held()
	s.side.Build, s.built = b.of, b
	serve := func() []byte {
		if err := s.serving(soon(t), 0, func(context.Context, int) error { return nil }); err != nil {
			t.Fatal(err)
		}
		return held()
	}
	if bytes.Equal(serve(), usual) {
		t.Error("the program of a run is that which was built first; want another layout")
	}
	b.of.Randomise = false
	if err := os.WriteFile(b.binary, usual, 0o700); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(serve(), usual) {
		t.Error("the program was linked again; want it built once")
	}
}
