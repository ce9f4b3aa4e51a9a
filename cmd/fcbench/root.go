package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"
)

// streams are the program's standard streams: results go to out, all else to err.
type streams struct {
	in       io.Reader
	out, err io.Writer
}

// say tells the user something beside the results.
func (s streams) say(message string) { fmt.Fprintln(s.err, "fcbench:", message) }

// stdout remembers the first error of writing, so that printing code need not check
// and the command still fails.
type stdout struct {
	io.Writer
	err error
}

func (s *stdout) Write(b []byte) (n int, err error) {
	if s.err == nil {
		n, s.err = s.Writer.Write(b)
	}
	return n, s.err
}

// Main runs the program and returns its exit code.
func Main(ctx context.Context, args []string, in io.Reader, out, errw io.Writer) int {
	return mainKeeping(ctx, keepEvery, args, in, out, errw)
}

// mainKeeping is Main where a run in progress is written so often.
func mainKeeping(ctx context.Context, every time.Duration, args []string, in io.Reader, out, errw io.Writer) int {
	if terminal(errw) {
		below := errw
		errw = &foot{w: below, width: func() int { return widthOf(below) }}
	}
	results := &stdout{Writer: out}
	root := newRoot(streams{in, results, errw}, every)
	root.SetArgs(args)
	err := root.ExecuteContext(ctx)
	if results.err != nil && !errors.Is(err, results.err) {
		err = errors.Join(err, results.err)
	}
	if err != nil {
		complain(errw, err)
	}
	return exitCode(err)
}

func newRoot(s streams, keepEvery time.Duration) *cobra.Command {
	root := &cobra.Command{
		Use:           "fcbench",
		Short:         "Reproducible load against limiters and services, measured honestly",
		SilenceUsage:  true,
		SilenceErrors: true,
	}
	root.SetIn(s.in)
	root.SetOut(s.out)
	root.SetErr(s.err)
	root.SetFlagErrorFunc(badFlag)
	root.SetHelpCommand(newHelp())
	root.SetUsageTemplate(strings.ReplaceAll(root.UsageTemplate(), "FlagUsages ", fmt.Sprintf("FlagUsagesWrapped %d ", widthOf(s.out))))
	root.AddCommand(newRun(s, keepEvery), newSchedule(s), newCompare(s), newGate(s), newBisect(s), newBaseline(s), newVerdict(s), newList(s), newVerify(s), newServe(s), newDoctor(s), newCapacity(s), newWhatif(s), newHeadroom(s), newSelftest(s), newTrend(s), newImport(s), newVersion(s))
	for _, c := range root.Commands() {
		c.Args = plainArgs(c.Args)
	}
	root.InitDefaultCompletionCmd("completion")
	onceEach(root)
	for _, parent := range append(root.Commands(), root) {
		if parent.HasSubCommands() && parent.RunE == nil {
			parent.Args = badCommand
			parent.RunE = func(c *cobra.Command, _ []string) error { return c.Help() }
		}
	}
	return root
}
