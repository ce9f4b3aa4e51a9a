package main

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/fcbench/fcbench/internal/nearest"
	"github.com/fcbench/fcbench/scenarios"
)

const scenarioSuffix = ".yaml"

// scenarioName is how a scenario that comes with fcbench is called.
func scenarioName(file string) string { return strings.TrimSuffix(file, scenarioSuffix) }

// readScenario reads a file, or where there is none of that name the scenario
// that comes with fcbench and is called so.
func readScenario(name string) ([]byte, error) {
	src, err := os.ReadFile(name)
	switch {
	case err == nil && bytes.HasPrefix(bytes.TrimSpace(src), []byte(`{"schema":"fcbench.run/`)):
		return nil, fmt.Errorf("%s is a result file; want a scenario, or --again %[1]s to run its first run again", name)
	case err == nil || !errors.Is(err, fs.ErrNotExist):
		return src, err
	}
	known := shipped()
	if called := scenarioName(name); slices.Contains(known, called) {
		return scenarios.Read(called + scenarioSuffix), nil
	}
	if strings.ContainsRune(name, os.PathSeparator) {
		return nil, err
	}
	return nil, fmt.Errorf("scenario %q is neither a file nor one that comes with fcbench; want a file, or one of %s",
		name, strings.Join(nearest.First(scenarioName(name), known), ", "))
}

// shipped are the names of the scenarios that come with fcbench.
func shipped() []string {
	names := scenarios.Names()
	for i := range names {
		names[i] = scenarioName(names[i])
	}
	return names
}

// completeScenario offers those beside the files there are.
func completeScenario(_ *cobra.Command, _ []string, _ string) ([]string, cobra.ShellCompDirective) {
	return shipped(), cobra.ShellCompDirectiveDefault
}
