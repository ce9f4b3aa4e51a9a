package gating

import (
	"context"
	"fmt"
	"path/filepath"

	"github.com/fcbench/fcbench/ci"
)

// built is a program that was built from a revision.
type built struct {
	tree
	binary string
}

// build makes the program that a side names, once. Without the paths of trees in it,
// what both have in common is compiled once.
func (g *Gate) build(ctx context.Context, b *ci.Build) (out built, err error) {
	if out.tree, err = g.shared.checkout(ctx, b.Ref); err != nil {
		return out, err
	}
	scratch, err := g.shared.scratch()
	if err != nil {
		return out, err
	}
	out.binary = filepath.Join(scratch, "program")
	g.say(fmt.Sprintf("building %s of %s", b.Pkg, out.words))
	if _, err := command(ctx, out.dir, nil, "go", "build", "-trimpath", "-o", out.binary, b.Pkg); err != nil {
		return out, fmt.Errorf("%s of %s does not build: %w", b.Pkg, out.words, err)
	}
	return out, nil
}
