package main

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/fcbench/fcbench/internal/builtin"
	"github.com/fcbench/fcbench/internal/catalog"
	"github.com/fcbench/fcbench/internal/faults"
	"github.com/fcbench/fcbench/internal/strictyaml"
	"github.com/fcbench/fcbench/results"
	"github.com/fcbench/fcbench/results/report"
)

// listing is one of the things that list can print.
type listing struct {
	name  string
	also  string // another name for it, where the field has two
	print func(io.Writer)
}

func listings() []listing {
	return []listing{
		{"limiters", "", func(w io.Writer) { kinds(w, builtin.Limiters(builtin.Env{})) }},
		{"targets", "", func(w io.Writer) { kinds(w, builtin.Targets(builtin.Env{})) }},
		{"arrivals", "processes", func(w io.Writer) { kinds(w, builtin.Processes()) }},
		{"keys", "", func(w io.Writer) { kinds(w, builtin.Keys()) }},
		{"costs", "", func(w io.Writer) { kinds(w, builtin.Costs()) }},
		{"sizes", "", func(w io.Writer) { kinds(w, builtin.Sizes()) }},
		{"holds", "", func(w io.Writer) { kinds(w, builtin.Holds()) }},
		{"faults", "", faultKinds},
		{"formats", "", formats},
		{"metrics", "", metrics},
	}
}

func newList(s streams) *cobra.Command {
	return &cobra.Command{
		Use:       "list [KIND]",
		Short:     "List limiters, targets, arrivals, keys, costs, sizes, faults, formats and metrics",
		Args:      cobra.MaximumNArgs(1),
		ValidArgs: listNames(),
		RunE: func(_ *cobra.Command, args []string) error {
			found := false
			for _, l := range listings() {
				if len(args) == 0 {
					fmt.Fprintf(s.out, "%s\n", l.name)
				}
				if len(args) == 0 || args[0] == l.name || args[0] == l.also {
					found = true
					w := tabwriter.NewWriter(s.out, 0, 0, 2, ' ', 0)
					l.print(w)
					if err := w.Flush(); err != nil {
						return err
					}
				}
			}
			if !found {
				return usage(fmt.Errorf("list of %q is unknown; want one of %s", args[0], strings.Join(listNames(), ", ")))
			}
			return nil
		},
	}
}

func listNames() []string {
	var names []string
	for _, l := range listings() {
		names = append(names, l.name)
	}
	return names
}

// kinds prints a catalogue: the short form of each kind and what it is.
func kinds[T any](w io.Writer, c catalog.Catalog[T]) {
	for _, k := range c.Kinds() {
		fmt.Fprintf(w, "  %s\t%s\n", strictyaml.Usage(k.Name, k.Config), k.Doc)
	}
}

func faultKinds(w io.Writer) {
	for _, k := range faults.Kinds {
		fmt.Fprintf(w, "  %s\t%s\n", k, k.Doc())
	}
}

func formats(w io.Writer) {
	for _, f := range report.Formats() {
		fmt.Fprintf(w, "  %s\t%s\n", f.Name, f.Doc)
	}
}

func metrics(w io.Writer) {
	for _, m := range results.Metrics() {
		fmt.Fprintf(w, "  %s\t%s\t%v\t%s\n", m.Path, m.Unit, m.Better, m.Doc)
	}
}
