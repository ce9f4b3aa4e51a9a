// Command typecheck checks that every package of the module compiles on other systems, tests included,
// without compiling: it reads what they would build there from source, dependencies
// included, and checks the types. That takes seconds where the compiler takes minutes.
//
//	typecheck GOOS…
package main

import (
	"errors"
	"fmt"
	"os"
)

func main() {
	if len(os.Args) < 2 {
		fmt.Fprintln(os.Stderr, "typecheck: no system is named; want some of those that go tool dist list knows, such as windows")
		os.Exit(2)
	}
	for _, goos := range os.Args[1:] {
		listed, err := list(goos)
		if err == nil {
			err = check(goos, listed)
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, "typecheck:", err)
			os.Exit(1)
		}
		fmt.Printf("typecheck: all packages compile on %s\n", goos)
	}
}

// check checks the packages, each of which stands behind those that it imports.
func check(goos string, listed []listing) error {
	c := newChecker()
	var wrong []error
	for _, l := range listed {
		if err := c.check(l); err != nil {
			wrong = append(wrong, fmt.Errorf("%s on %s: %w", l.ImportPath, goos, err))
		}
	}
	return errors.Join(wrong...)
}
