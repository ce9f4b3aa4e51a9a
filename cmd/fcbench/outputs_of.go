package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"github.com/fcbench/fcbench/internal/formats"
)

// outputOf is one -o of a command that writes what it found once, when it has all of it.
type outputOf[T any] struct {
	formats.Format[T]
	path string // "-" for stdout
}

// addOutputsOf adds the flag for them.
func addOutputsOf[T any](f *pflag.FlagSet, specs *[]string, of formats.List[T], what string) {
	f.StringArrayVarP(specs, "output", "o", nil, what+", KIND, KIND=FILE or a FILE by its ending (repeatable): "+of.Kinds())
}

// parseOutputsOf reads every -o: KIND, KIND=FILE, or FILE by its ending. None may be one of the
// files that the command reads or writes beside them.
func parseOutputsOf[T any](specs []string, of formats.List[T], beside ...string) (all []outputOf[T], err error) {
	taken := slices.Clone(beside)
	for _, spec := range specs {
		one, known := outputFrom(spec, of)
		switch {
		case !known || one.path == "":
			err = errors.Join(err, fmt.Errorf("--output is %q; want KIND or KIND=FILE with KIND one of %s, or a FILE that ends in %s", spec, of.Kinds(), of.Endings()))
		case slices.ContainsFunc(taken, func(path string) bool { return sameFile(path, one.path) }):
			err = errors.Join(err, fmt.Errorf("--output names %s, which is taken; want a file of its own for each", one.path))
		}
		taken, all = append(taken, one.path), append(all, one)
	}
	return all, err
}

func outputFrom[T any](spec string, of formats.List[T]) (o outputOf[T], known bool) {
	kind, path, named := strings.Cut(spec, "=")
	if named {
		o.Format, known = of.Of(kind)
		o.path = orStdout(path)
		return o, known
	}
	if o.Format, known = of.Of(spec); known {
		o.path = "-"
		return o, true
	}
	o.Format, known = of.For(spec)
	o.path = spec
	return o, known
}

// sameFile reports whether two paths lead to one file, under whatever names.
func sameFile(a, b string) bool {
	if a == "" || b == "" {
		return false
	}
	absA, errA := filepath.Abs(a)
	absB, errB := filepath.Abs(b)
	if errA == nil && errB == nil && absA == absB {
		return true
	}
	x, errX := os.Stat(a)
	y, errY := os.Stat(b)
	return errX == nil && errY == nil && x.Mode().IsRegular() && os.SameFile(x, y)
}

// withTable are the outputs, with what is for people on standard output where nothing else is.
func withTable[T any](all []outputOf[T], of formats.List[T]) []outputOf[T] {
	if slices.ContainsFunc(all, func(o outputOf[T]) bool { return o.path == "-" }) {
		return all
	}
	return append([]outputOf[T]{{of[0], "-"}}, all...)
}

// reachable makes sure that every file can be written, before anything is measured for it.
func reachable[T any](all []outputOf[T]) (err error) {
	for _, one := range all {
		if one.path == "-" {
			continue
		}
		f, problem := openDestination(one.path, io.Discard)
		if err = errors.Join(err, problem); problem == nil {
			err = errors.Join(err, f.Close())
		}
	}
	return err
}

// writeAll writes what was found to all of them: a file whole or not at all.
func writeAll[T any](s streams, all []outputOf[T], v T) (err error) {
	for _, one := range all {
		if one.path == "-" {
			err = errors.Join(err, one.Write(s.out, v, optionsOn(s.out)))
			continue
		}
		err = errors.Join(err, writeFile(s, one.path, func(w io.Writer) error { return one.Write(w, v, formats.Options{}) }))
	}
	return err
}

// optionsOn are those of what is written to w.
func optionsOn(w io.Writer) formats.Options {
	of := tableOptions(w)
	return formats.Options{Color: of.Color, Width: of.Width}
}
