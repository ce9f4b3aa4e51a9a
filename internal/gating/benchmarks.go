package gating

import (
	"bufio"
	"context"
	"fmt"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"

	"github.com/fcbench/fcbench/ci"
	"github.com/fcbench/fcbench/internal/experiment"
)

// benchmarks measures the Go benchmarks of a package at a revision, all in one process.
type benchmarks struct {
	gate   *Gate
	side   *ci.Side
	bench  *ci.Bench
	tree   tree
	dir    string // of the package
	binary string
}

func (b *benchmarks) words() string {
	return fmt.Sprintf("benchmarks %s of %s at %s", b.bench.Run, b.bench.Pkg, b.tree.words)
}

func (b *benchmarks) identity() string { return b.tree.identity(b.bench.Pkg) }

func (b *benchmarks) close() error { return nil }

// prepare compiles everything once, so that what cannot be built is said before
// anything is measured. Which benchmarks there are, the first run tells.
func (b *benchmarks) prepare(ctx context.Context) (_ []subject, err error) {
	if b.tree, err = b.gate.shared.checkout(ctx, b.bench.Ref); err != nil {
		return nil, err
	}
	scratch, err := b.gate.shared.scratch()
	if err != nil {
		return nil, err
	}
	b.binary = filepath.Join(scratch, "bench.test")
	dir, err := command(ctx, b.tree.dir, b.tree.environment(), "go", "list", "-f", "{{.Dir}}", b.bench.Pkg)
	if err != nil {
		return nil, &experiment.Unfit{Err: fmt.Errorf("%s is no package at %s: %w", b.bench.Pkg, b.tree.words, err)}
	}
	b.dir = strings.TrimSpace(dir)
	b.gate.say(fmt.Sprintf("building the tests of %s at %s", b.bench.Pkg, b.tree.words))
	return nil, b.link(ctx, 0)
}

// link links the test binary in the layout of a run.
func (b *benchmarks) link(ctx context.Context, number uint64) error {
	args := append([]string{"test", "-c", "-trimpath", "-o", b.binary}, b.gate.layout(number)...)
	if _, err := command(ctx, b.tree.dir, b.tree.environment(), "go", append(args, b.bench.Pkg)...); err != nil {
		return fmt.Errorf("the tests of %s at %s do not build: %w", b.bench.Pkg, b.tree.words, err)
	}
	return nil
}

func (b *benchmarks) measure(ctx context.Context, _ int, t turn) (map[subject]ci.Measured, error) {
	if b.bench.Randomise {
		if err := b.link(ctx, t.number); err != nil {
			return nil, err
		}
	}
	all, err := b.run(ctx, b.bench.Run, b.bench.Time)
	if err != nil {
		return nil, err
	}
	if len(all) == 0 {
		return nil, &NoData{fmt.Errorf("%s: there are none; want a run that names some", b.words())}
	}
	return all, nil
}

// run runs those benchmarks that an expression names.
func (b *benchmarks) run(ctx context.Context, names, length string, more ...string) (map[subject]ci.Measured, error) {
	procs := runtime.GOMAXPROCS(0) // of both sides
	args := append([]string{
		"-test.run=^$", "-test.bench=" + names, "-test.benchtime=" + length, "-test.benchmem", "-test.count=1", "-test.cpu=" + strconv.Itoa(procs),
	}, more...)
	var out string
	err := within(ctx, nil, own(b.side), func(ctx context.Context) (err error) {
		out, err = command(ctx, b.dir, nil, b.binary, args...)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", b.words(), err)
	}
	return parseBenchmarks(strings.Trim(strings.TrimPrefix(b.bench.Pkg, "."), "/"), out, procs), nil
}

// NoData is the error of sides that measured nothing.
type NoData struct{ Err error }

func (e *NoData) Error() string { return e.Err.Error() }

// Unwrap returns why.
func (e *NoData) Unwrap() error { return e.Err }

// parseBenchmarks reads what a test binary prints of its benchmarks: a name, whose
// number of processors is left out, how often it ran, and values with their units.
func parseBenchmarks(pkg, text string, procs int) map[subject]ci.Measured {
	all := map[subject]ci.Measured{}
	lines := bufio.NewScanner(strings.NewReader(text))
	for lines.Scan() {
		fields := strings.Fields(lines.Text())
		if len(fields) < 4 || !strings.HasPrefix(fields[0], "Benchmark") {
			continue
		}
		if _, err := strconv.ParseUint(fields[1], 10, 64); err != nil {
			continue
		}
		values := map[string]float64{}
		for i := 2; i+1 < len(fields); i += 2 {
			if v, err := strconv.ParseFloat(fields[i], 64); err == nil {
				values[fields[i+1]] = v
			}
		}
		name := fields[0]
		if procs > 1 { // else it is not there, and a name may end with a number of its own
			name = strings.TrimSuffix(name, fmt.Sprint("-", procs))
		}
		all[subject{scenario: pkg, name: name}] = ci.Measured{Bench: values}
	}
	return all
}
