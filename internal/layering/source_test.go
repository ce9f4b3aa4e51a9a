package layering

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// A source is one parsed file of the module that is not a test.
type source struct {
	pkg  string // path of its package within the module
	name string // path of the file within the module
	file *ast.File
	fset *token.FileSet
}

// parseModule parses every file of the module, whatever its build constraints.
// Nested modules and testdata are not part of it.
func parseModule(t *testing.T, root string) []source {
	t.Helper()
	var all []source
	fset := token.NewFileSet()
	err := filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			return skipDir(root, name)
		}
		if !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
			return nil
		}
		file, err := parser.ParseFile(fset, name, nil, parser.SkipObjectResolution|parser.ParseComments)
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, name)
		rel = filepath.ToSlash(rel)
		all = append(all, source{path.Dir(rel), rel, file, fset})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func skipDir(root, name string) error {
	base := filepath.Base(name)
	_, err := os.Stat(filepath.Join(name, "go.mod"))
	nested := err == nil && name != root
	if name != root && strings.HasPrefix(base, ".") || base == "testdata" || base == "node_modules" || nested {
		return filepath.SkipDir
	}
	return nil
}

// parseText makes a source of made-up text.
func parseText(t *testing.T, pkg, text string) source {
	t.Helper()
	fset := token.NewFileSet()
	name := pkg + "/x.go"
	file, err := parser.ParseFile(fset, name, text, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	return source{pkg, name, file, fset}
}

// imports lists the paths that the file imports.
func (s source) imports() []string {
	all := make([]string, len(s.file.Imports))
	for i, spec := range s.file.Imports {
		target, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			panic(err) // the parser has accepted it
		}
		all[i] = target
	}
	return all
}

// importOf returns the path of the import that is known as name in the file, or "".
func (s source) importOf(name string) string {
	for i, target := range s.imports() {
		if spec := s.file.Imports[i]; spec.Name != nil && spec.Name.Name == name ||
			spec.Name == nil && path.Base(target) == name {
			return target
		}
	}
	return ""
}

// line returns the number of pos's line.
func (s source) line(pos token.Pos) int { return s.fset.Position(pos).Line }
