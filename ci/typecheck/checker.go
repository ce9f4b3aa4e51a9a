package main

import (
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"path/filepath"
)

// checker checks packages one after the other, and keeps what they export.
type checker struct {
	files *token.FileSet
	sizes types.Sizes
	done  map[string]*types.Package // by import path
}

func newChecker() *checker {
	return &checker{
		files: token.NewFileSet(),
		sizes: types.SizesFor("gc", "amd64"),
		done:  map[string]*types.Package{"unsafe": types.Unsafe},
	}
}

// check checks a package: all of it where it is ours, and what others see of it where
// it is not, since whoever made it has compiled it.
func (c *checker) check(l listing) error {
	if l.ImportPath == "unsafe" {
		return nil
	}
	parsed, err := c.parse(l)
	if err != nil {
		return err
	}
	var wrong []error
	config := types.Config{
		Importer:         importer{c.done, l.ImportMap},
		Sizes:            c.sizes,
		IgnoreFuncBodies: !l.ours(),
		FakeImportC:      true,
		Error:            func(err error) { wrong = append(wrong, err) },
	}
	pkg, _ := config.Check(l.ImportPath, c.files, parsed, nil) // its error is the first of wrong
	c.done[l.ImportPath] = pkg
	if !l.ours() {
		return nil
	}
	return errors.Join(wrong...)
}

func (c *checker) parse(l listing) ([]*ast.File, error) {
	var parsed []*ast.File
	for _, name := range l.GoFiles {
		f, err := parser.ParseFile(c.files, filepath.Join(l.Dir, name), nil, parser.SkipObjectResolution)
		if err != nil {
			return nil, err
		}
		parsed = append(parsed, f)
	}
	return parsed, nil
}

// importer finds what a package imports among those that were checked before it.
type importer struct {
	done    map[string]*types.Package
	renamed map[string]string
}

// Import implements types.Importer.
func (i importer) Import(path string) (*types.Package, error) {
	if meant, ok := i.renamed[path]; ok {
		path = meant
	}
	if pkg := i.done[path]; pkg != nil {
		return pkg, nil
	}
	return nil, fmt.Errorf("%s is not among the dependencies", path)
}
