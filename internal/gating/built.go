package gating

import (
	"context"
	"fmt"
	"path/filepath"

	"github.com/fcbench/fcbench/ci"
	"github.com/fcbench/fcbench/internal/seed"
)

// built is a program that was built from a revision.
type built struct {
	tree
	gate   *Gate
	of     *ci.Build // nil where nothing is built
	binary string
}

// build makes the program that a side names, once. Without the paths of trees in it,
// what both have in common is compiled once.
func (g *Gate) build(ctx context.Context, b *ci.Build) (out built, err error) {
	out.gate, out.of = g, b
	if out.tree, err = g.shared.checkout(ctx, b.Ref); err != nil {
		return out, err
	}
	scratch, err := g.shared.scratch()
	if err != nil {
		return out, err
	}
	out.binary = filepath.Join(scratch, "program")
	g.say(fmt.Sprintf("building %s of %s", b.Pkg, out.words))
	return out, out.link(ctx, 0)
}

// link builds the program in the layout of a run.
func (b *built) link(ctx context.Context, number uint64) error {
	args := append([]string{"build", "-trimpath", "-o", b.binary}, b.gate.layout(number)...)
	if _, err := command(ctx, b.dir, b.environment(), "go", append(args, b.of.Pkg)...); err != nil {
		return fmt.Errorf("%s of %s does not build: %w", b.of.Pkg, b.words, err)
	}
	return nil
}

// anew links the program in another layout for the next run, where that is asked for.
func (b *built) anew(ctx context.Context) error {
	if b.of == nil || !b.of.Randomise {
		return nil
	}
	return b.link(ctx, b.gate.number())
}

// layout is how a program is linked for a run: each in an order of its own, so that where
// code lies in memory is noise, and not a finding. Run 0 has the usual one.
func (g *Gate) layout(number uint64) []string {
	if number == 0 {
		return nil
	}
	return []string{fmt.Sprintf("-ldflags=-randlayout=%d", seed.New(g.policy.Seed).Sub("layout").Uint64(number)>>33|1)}
}
