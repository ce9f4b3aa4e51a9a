package layering

import (
	"fmt"
	"go/ast"
	"slices"
	"strings"
	"testing"
)

const root = "../.."

func TestLayers(t *testing.T) {
	sources := parseModule(t, root)
	if len(sources) == 0 {
		t.Fatal("found no source")
	}
	for _, s := range sources {
		for _, complaint := range slices.Concat(checkImports(s), checkClock(s)) {
			t.Error(complaint)
		}
	}
}

// layerOf returns the number of pkg's line in the policy, from 0.
func layerOf(pkg string) (int, bool) {
	for i, line := range layers {
		if slices.Contains(line, pkg) {
			return i, true
		}
	}
	return 0, false
}

// checkImports says what is wrong with a file's imports.
func checkImports(s source) []string {
	layer, known := layerOf(s.pkg)
	if !known {
		return []string{fmt.Sprintf("%s: package %s has no layer; give it one in internal/layering/policy_test.go", s.name, s.pkg)}
	}
	var complaints []string
	for _, target := range s.imports() {
		if why := refused(s.pkg, layer, target); why != "" {
			complaints = append(complaints, fmt.Sprintf("%s imports %s: %s", s.name, target, why))
		}
	}
	return complaints
}

// refused says why pkg may not import target, or "".
func refused(pkg string, layer int, target string) string {
	inside, ours := strings.CutPrefix(target, module+"/")
	if !ours {
		return refusedModule(pkg, target)
	}
	other, known := layerOf(inside)
	switch {
	case !known:
		return "it has no layer; give it one in internal/layering/policy_test.go"
	case other > layer:
		return "it stands below"
	case other == layer && !strings.HasPrefix(pkg, inside+"/"):
		return "packages of one layer are strangers"
	}
	return ""
}

// refusedModule says why pkg may not import a package from outside, or "".
func refusedModule(pkg, target string) string {
	if first, _, _ := strings.Cut(target, "/"); !strings.Contains(first, ".") {
		return "" // the standard library
	}
	for mod, allowed := range owners {
		if target == mod || strings.HasPrefix(target, mod+"/") {
			if slices.ContainsFunc(allowed, func(owner string) bool { return owns(owner, pkg) }) {
				return ""
			}
			return "its owners are " + strings.Join(allowed, ", ")
		}
	}
	return "it has no owner; name one in internal/layering/policy_test.go"
}

func owns(owner, pkg string) bool {
	tree, below := strings.CutSuffix(owner, "/...")
	return pkg == tree || below && strings.HasPrefix(pkg, tree+"/")
}

// checkClock says where a file reads the clock though its package may not.
func checkClock(s source) []string {
	if slices.Contains(clockReaders, s.pkg) {
		return nil
	}
	var complaints []string
	ast.Inspect(s.file, func(n ast.Node) bool {
		selector, ok := n.(*ast.SelectorExpr)
		if !ok {
			return true
		}
		if x, ok := selector.X.(*ast.Ident); ok && s.importOf(x.Name) == "time" && clock[selector.Sel.Name] {
			complaints = append(complaints, fmt.Sprintf("%s:%d: time.%s; time is an argument here",
				s.name, s.line(selector.Pos()), selector.Sel.Name))
		}
		return true
	})
	return complaints
}

// TestLengths lists what has grown long. It judges nothing.
func TestLengths(t *testing.T) {
	for _, s := range parseModule(t, root) {
		if n := s.line(s.file.End()); n > longFile {
			t.Logf("%s has %d lines", s.name, n)
		}
		for _, decl := range s.file.Decls {
			f, ok := decl.(*ast.FuncDecl)
			if !ok {
				continue
			}
			if n := s.line(f.End()) - s.line(f.Pos()) + 1; n > longFunction {
				t.Logf("%s:%d: func %s has %d lines", s.name, s.line(f.Pos()), f.Name.Name, n)
			}
		}
	}
}
