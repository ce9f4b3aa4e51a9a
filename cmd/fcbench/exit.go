package main

import (
	"errors"
	"fmt"
	"io"

	"github.com/fcbench/fcbench/internal/dial"
	"github.com/fcbench/fcbench/internal/exitcode"
	"github.com/fcbench/fcbench/internal/strictyaml"
)

// The exit codes, as they are called here.
const (
	exitPass         = exitcode.Pass
	exitError        = exitcode.Error
	exitUsage        = exitcode.Usage
	exitMissed       = exitcode.Missed
	exitInconclusive = exitcode.Inconclusive
	exitInvalid      = exitcode.Invalid
	exitNoData       = exitcode.NoData
	exitInterrupted  = exitcode.Interrupted
)

// failure is an error with its exit code.
type failure struct {
	code int
	err  error
}

func (f failure) Error() string { return f.err.Error() }
func (f failure) Unwrap() error { return f.err }

// fail returns an error that ends the program with code.
func fail(code int, format string, args ...any) error {
	return failure{code, fmt.Errorf(format, args...)}
}

// usage marks err as one of the command line or of a scenario, with their exit code.
func usage(err error) error {
	if err == nil {
		return nil
	}
	return failure{exitUsage, err}
}

// exitCode is the code for what a command returned: of several errors, the one
// that says most about what the others are worth.
func exitCode(err error) int {
	found := map[int]bool{}
	for _, leaf := range leaves(err) {
		found[codeOf(leaf)] = true
	}
	for _, code := range []int{exitInterrupted, exitUsage, exitError, exitInvalid, exitNoData, exitMissed, exitInconclusive} {
		if found[code] {
			return code
		}
	}
	return exitPass
}

// leaves takes joined errors apart.
func leaves(err error) (all []error) {
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		for _, e := range joined.Unwrap() {
			all = append(all, leaves(e)...)
		}
		return all
	}
	if err != nil {
		all = append(all, err)
	}
	return all
}

// codeOf is the code of one error.
func codeOf(err error) int {
	var f failure
	var problem strictyaml.Problem
	var problems strictyaml.Problems
	var forbidden *dial.RefusedError
	switch {
	case errors.As(err, &f):
		return f.code
	case errors.As(err, &problem), errors.As(err, &problems), errors.As(err, &forbidden):
		return exitUsage
	}
	return exitError
}

// complain prints err to stderr, unless a failure has nothing to add.
func complain(w io.Writer, err error) {
	if text := err.Error(); text != "" {
		fmt.Fprintln(w, "fcbench:", text)
	}
}
