package main

import (
	"context"
	"io"

	"github.com/spf13/cobra"
)

// streams are the program's standard streams: results go to out, all else to err.
type streams struct {
	in       io.Reader
	out, err io.Writer
}

// Main runs the program and returns its exit code.
func Main(ctx context.Context, args []string, in io.Reader, out, errw io.Writer) int {
	if terminal(errw) {
		screen := errw
		errw = &foot{w: screen, width: func() int { return widthOf(screen) }}
	}
	root := newRoot(streams{in, out, errw})
	root.SetArgs(args)
	err := root.ExecuteContext(ctx)
	if err != nil {
		complain(errw, err)
	}
	return exitCode(err)
}

func newRoot(s streams) *cobra.Command {
	root := &cobra.Command{
		Use:           "fcbench",
		Short:         "Reproducible load against limiters and services, measured honestly",
		Args:          cobra.NoArgs,
		SilenceUsage:  true,
		SilenceErrors: true,
		RunE:          func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	root.SetIn(s.in)
	root.SetOut(s.out)
	root.SetErr(s.err)
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return usage(err) })
	root.AddCommand(newRun(s), newSchedule(s), newCompare(s), newList(s), newVerify(s), newDoctor(s), newVersion(s))
	for _, c := range append(root.Commands(), root) {
		c.Args = usageArgs(c.Args)
	}
	return root
}

// usageArgs makes complaints about arguments usage errors.
func usageArgs(check cobra.PositionalArgs) cobra.PositionalArgs {
	return func(c *cobra.Command, args []string) error {
		if check == nil {
			return nil
		}
		return usage(check(c, args))
	}
}
