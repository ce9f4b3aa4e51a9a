package layering

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestSequential: a race needs two goroutines. What the Makefile tests without the
// race detector starts none: neither its tests, nor it, nor what it imports of ours,
// but for the tests that it runs with it as well.
func TestSequential(t *testing.T) {
	sources := parseModule(t, root)
	packages, raced := listed(t, "sequential"), listed(t, "concurrent")
	for _, pkg := range packages {
		seen := map[string]bool{}
		within := reached(sources, pkg, seen)
		concurrent := 0
		for _, s := range testsOf(t, pkg) {
			concurrent += withoutConcurrent(s)
			within = append(within, s)
			within = append(within, imported(sources, s, seen)...)
		}
		for _, s := range within {
			for _, complaint := range starts(s) {
				t.Errorf("%s, which the Makefile says is sequential: %s", pkg, complaint)
			}
		}
		if slices.Contains(raced, pkg) != (concurrent > 0) {
			t.Errorf("%s has %d concurrent tests; want it among those with some in the Makefile, or not", pkg, concurrent)
		}
	}
	for _, pkg := range raced {
		if !slices.Contains(packages, pkg) {
			t.Errorf("%s is concurrent in the Makefile, and not sequential; want both", pkg)
		}
	}
}

func testNames(files []source) (names []string) {
	for _, s := range files {
		for _, d := range s.file.Decls {
			if f, ok := d.(*ast.FuncDecl); ok && f.Recv == nil && strings.HasPrefix(f.Name.Name, "Test") {
				names = append(names, f.Name.Name)
			}
		}
	}
	return names
}

// withoutConcurrent takes out of a file the tests that the race detector sees, and
// counts them, and the benchmarks, which make test does not run.
func withoutConcurrent(s source) (n int) {
	s.file.Decls = slices.DeleteFunc(s.file.Decls, func(d ast.Decl) bool {
		f, ok := d.(*ast.FuncDecl)
		if !ok || f.Recv != nil {
			return false
		}
		test := strings.HasPrefix(f.Name.Name, "Test") && strings.Contains(f.Name.Name, "Concurrent")
		if test {
			n++
		}
		return test || strings.HasPrefix(f.Name.Name, "Benchmark")
	})
	return n
}

func TestTheRacedAreTakenOut(t *testing.T) {
	const text = "package x\nfunc TestConcurrentUse() { go f() }\nfunc TestUse() { go f() }\n" +
		"func BenchmarkUse() { go f() }\nfunc concurrent() { go f() }\nfunc (TestConcurrent) TestConcurrent() { go f() }"
	s := parseText(t, "x", text)
	if n, left := withoutConcurrent(s), starts(s); n != 1 || len(left) != 3 {
		t.Errorf("%d concurrent tests, and left are %q; want 1, and 3 left", n, left)
	}
}

func TestWhatStartsAGoroutine(t *testing.T) {
	for text, want := range map[string]int{
		"func f() { go f() }":                         1,
		"func f() { wg.Go(f) }":                       1,
		"func f() { t.Parallel() }":                   1,
		"func f() { b.RunParallel(f) }":               1,
		"func f() { time.AfterFunc(0, f); f() }":      1,
		"func f() { context.WithTimeout(ctx, 1) }":    1,
		"import \"os/exec\"":                          1,
		"func f() { println(r.Go, r.Parallel); f() }": 0,
	} {
		if got := starts(parseText(t, "x", "package x\n"+text)); len(got) != want {
			t.Errorf("%s: %q; want %d complaints", text, got, want)
		}
	}
}

// listed are the packages in a list of the Makefile's, such as of those that start no
// goroutine.
func listed(t *testing.T, name string) []string {
	t.Helper()
	makefile, err := os.ReadFile(filepath.Join(root, "Makefile"))
	if err != nil {
		t.Fatal(err)
	}
	text := strings.ReplaceAll(string(makefile), "\\\n", "")
	line := regexp.MustCompile(`(?m)^` + name + ` := (.*)$`).FindStringSubmatch(text)
	if line == nil {
		t.Fatalf("the Makefile has no line that begins with \"%s := \"", name)
	}
	return strings.Fields(line[1])
}

// testsOf parses the tests of a package.
func testsOf(t *testing.T, pkg string) (all []source) {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(root, pkg, "*_test.go"))
	if err != nil || len(names) == 0 {
		t.Fatalf("%s: found %d files, %v; want some", pkg, len(names), err)
	}
	fset := token.NewFileSet()
	for _, name := range names {
		file, err := parser.ParseFile(fset, name, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, source{pkg, name, file, fset})
	}
	return all
}

// reached is what pkg is made of in this module, and has not been seen.
func reached(sources []source, pkg string, seen map[string]bool) (all []source) {
	if seen[pkg] {
		return nil
	}
	seen[pkg] = true
	for _, s := range sources {
		if s.pkg != pkg {
			continue
		}
		all = append(append(all, s), imported(sources, s, seen)...)
	}
	return all
}

// imported is what the imports of s reach.
func imported(sources []source, s source, seen map[string]bool) (all []source) {
	for _, target := range s.imports() {
		if inside, ours := strings.CutPrefix(target, module+"/"); ours {
			all = append(all, reached(sources, inside, seen)...)
		}
	}
	return all
}

// starters are the functions and methods of the standard library that call
// something on a goroutine of its own.
var starters = regexp.MustCompile(`^(Go|Parallel|RunParallel|AfterFunc|WithTimeout|WithDeadline|WithTimeoutCause|WithDeadlineCause)$`)

// busy are the packages of the standard library whose functions do so behind the scenes.
var busy = []string{"net/http", "net/http/httptest", "os/exec", "os/signal", "testing/synctest"}

// starts says where a file starts a goroutine.
func starts(s source) (complaints []string) {
	ast.Inspect(s.file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.ImportSpec:
			if path := strings.Trim(n.Path.Value, `"`); slices.Contains(busy, path) {
				complaints = append(complaints, fmt.Sprintf("%s:%d: %s", s.name, s.line(n.Pos()), path))
			}
		case *ast.GoStmt:
			complaints = append(complaints, fmt.Sprintf("%s:%d: go", s.name, s.line(n.Pos())))
		case *ast.CallExpr:
			if f, ok := n.Fun.(*ast.SelectorExpr); ok && starters.MatchString(f.Sel.Name) {
				complaints = append(complaints, fmt.Sprintf("%s:%d: %s", s.name, s.line(n.Pos()), f.Sel.Name))
			}
		}
		return true
	})
	return complaints
}
