package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/fcbench/fcbench/internal/hostinfo"
)

func newVersion(s streams) *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Print the version",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			e := hostinfo.Read()
			_, err := fmt.Fprintf(s.out, "fcbench %s %s %s %s/%s\n", e.Version, e.Revision, e.Go, e.OS, e.Arch)
			return err
		},
	}
}
