package layering

import (
	"go/ast"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestUnraced: what the Makefile leaves to the tests without the race detector is among
// those, and nothing of the same name in a package that has only tests with it.
func TestUnraced(t *testing.T) {
	packages := racedPackages(t)
	for _, list := range []string{"unraced", "timely"} {
		names, without := listed(t, list), listed(t, list+"_in")
		found := map[string]int{}
		for pkg, tests := range packages {
			for _, name := range testNames(tests) {
				if !slices.Contains(names, name) {
					continue
				}
				found[name]++
				found[pkg]++
				if !slices.Contains(without, pkg) {
					t.Errorf("%s of %s is run nowhere: the Makefile has it in %s, and not its package; want another name or the package", name, pkg, list)
				}
			}
		}
		for _, name := range names {
			if found[name] != 1 {
				t.Errorf("%s, %s in the Makefile, is the name of %d tests; want 1", name, list, found[name])
			}
		}
		for _, pkg := range without {
			if found[pkg] == 0 {
				t.Errorf("%s, %s_in in the Makefile, has no such test; want it left out", pkg, list)
			}
		}
	}
}

// TestRoundsAreMadeInFull: what tries a quarter as often under the race detector is among
// the tests that make long runs, or that make test runs without it.
func TestRoundsAreMadeInFull(t *testing.T) {
	longer, longerIn := listed(t, "longer"), listed(t, "longer_in")
	elsewhere := slices.Concat(listed(t, "unraced"), listed(t, "timely"))
	elsewhere = append(elsewhere, "TestScripts", "TestHeadroomPage") // which last longer in full, and try no more
	found := map[string]bool{}
	for pkg, tests := range racedPackages(t) {
		within := slices.Contains(longerIn, pkg)
		for _, name := range testNames(tests) {
			if within && slices.Contains(longer, name) {
				found[name], found[pkg] = true, true
			}
		}
		for _, name := range asking(tests) {
			if full := within && slices.Contains(longer, name); !full && !slices.Contains(elsewhere, name) {
				t.Errorf("%s of %s asks for rounds, and is nowhere run in full; want it in longer or in unraced of the Makefile", name, pkg)
			}
		}
	}
	for _, name := range slices.Concat(longer, longerIn) {
		if !found[name] {
			t.Errorf("%s, of longer in the Makefile, names nothing that is run; want it left out", name)
		}
	}
}

// racedPackages are the tests of the packages that have some with the race detector.
func racedPackages(t *testing.T) map[string][]source {
	t.Helper()
	sequential, all := listed(t, "sequential"), map[string][]source{}
	for _, s := range parseModule(t, root) {
		if names, _ := filepath.Glob(filepath.Join(root, s.pkg, "*_test.go")); all[s.pkg] == nil && len(names) > 0 && !slices.Contains(sequential, s.pkg) {
			all[s.pkg] = testsOf(t, s.pkg)
		}
	}
	return all
}

// asking are the tests that ask package rounds how often to try, themselves or by what
// they call of their package.
func asking(tests []source) (names []string) {
	asks := map[string]bool{}
	for before := -1; before < len(asks); {
		before = len(asks)
		for _, s := range tests {
			for _, d := range s.file.Decls {
				if uses(d, s.nameOf(module+"/internal/rounds"), asks) {
					for _, name := range declared(d) {
						asks[name] = true
					}
				}
			}
		}
	}
	for name := range asks {
		if slices.Contains(testNames(tests), name) {
			names = append(names, name)
		}
	}
	return names
}

// uses reports whether a declaration uses a package, or anything of some names.
func uses(d ast.Decl, pkg string, names map[string]bool) (found bool) {
	ast.Inspect(d, func(n ast.Node) bool {
		id, ok := n.(*ast.Ident)
		found = found || ok && (id.Name == pkg && pkg != "" || names[id.Name])
		return !found
	})
	return found
}

// declared are the names of what stands at the top of a file, but for imports.
func declared(d ast.Decl) (names []string) {
	switch d := d.(type) {
	case *ast.FuncDecl:
		return []string{d.Name.Name}
	case *ast.GenDecl:
		for _, spec := range d.Specs {
			if v, ok := spec.(*ast.ValueSpec); ok {
				for _, name := range v.Names {
					names = append(names, name.Name)
				}
			}
		}
	}
	return names
}

// nameOf is what a file calls a package that it imports, or nothing.
func (s source) nameOf(target string) string {
	for _, i := range s.file.Imports {
		if strings.Trim(i.Path.Value, `"`) != target {
			continue
		}
		if i.Name != nil {
			return i.Name.Name
		}
		return target[strings.LastIndex(target, "/")+1:]
	}
	return ""
}

func TestAsking(t *testing.T) {
	const text = "package x\nimport tries \"" + module + "/internal/rounds\"\nvar few = tries.Of(3)\n" +
		"func TestDirectly() { tries.Of(4) }\nfunc TestByAVariable() { run(few) }\nfunc TestByAnother() { help() }\n" +
		"func help() { print(few) }\nfunc TestNot() { run(rounds) }"
	got := asking([]source{parseText(t, "x", text)})
	slices.Sort(got)
	if want := []string{"TestByAVariable", "TestByAnother", "TestDirectly"}; !slices.Equal(got, want) {
		t.Errorf("%q ask for rounds; want %q", got, want)
	}
}
