package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
)

// listing is what go list tells of a package.
type listing struct {
	ImportPath string
	Dir        string
	GoFiles    []string
	ImportMap  map[string]string // from what stands in the source to what is meant
	Module     *struct{ Main bool }
}

// ours reports whether the package is one of the module that is checked.
func (l listing) ours() bool { return l.Module != nil && l.Module.Main }

// list names the packages of the module, with their tests too, and all that they import,
// dependencies first, as a system without cgo would build them.
func list(goos string) ([]listing, error) {
	known, err := exec.Command("go", "tool", "dist", "list").Output()
	if err != nil {
		return nil, fmt.Errorf("go tool dist list: %w", err)
	}
	if !strings.Contains("\n"+string(known), "\n"+goos+"/") {
		return nil, fmt.Errorf("system %q is unknown; want one that go tool dist list names", goos)
	}
	cmd := exec.Command("go", "list", "-deps", "-test", "-json=ImportPath,Dir,GoFiles,ImportMap,Module", "./...")
	cmd.Env = append(os.Environ(), "GOOS="+goos, "GOARCH=amd64", "CGO_ENABLED=0")
	var said strings.Builder
	cmd.Stderr = &said
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("go list for %s: %w: %s", goos, err, strings.TrimSpace(said.String()))
	}
	var all []listing
	for dec := json.NewDecoder(strings.NewReader(string(out))); ; {
		var l listing
		if err := dec.Decode(&l); errors.Is(err, io.EOF) {
			return all, nil
		} else if err != nil {
			return nil, fmt.Errorf("go list for %s: %w", goos, err)
		}
		if !strings.HasSuffix(l.ImportPath, ".test") { // that is only what calls the tests
			all = append(all, l)
		}
	}
}
