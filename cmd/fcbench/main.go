// Command fcbench generates reproducible load, sends it to rate limiters and
// services, and says how right and how fast they are, and whether its own
// measurement can be believed.
package main

import (
	"context"
	"fmt"
	"io"
	"os"

	"github.com/fcbench/fcbench/internal/bubble"
	"github.com/fcbench/fcbench/internal/doctor/selftest"
	"github.com/fcbench/fcbench/internal/echo"
	"github.com/fcbench/fcbench/internal/experiment"
	"github.com/fcbench/fcbench/internal/verify"
)

func main() {
	if args, called := bubble.Called(); called {
		bubble.Main(func(in io.Reader, out io.Writer) int { return inBubble(args, in, out) })
	}
	if echo.Called() {
		os.Exit(answer())
	}
	if selftest.Called() {
		os.Exit(selftest.Main(withArgs))
	}
	os.Exit(withArgs(os.Args[1:]))
}

// withArgs is the program with arguments.
func withArgs(args []string) int {
	return Main(context.Background(), args, os.Stdin, os.Stdout, os.Stderr)
}

// answer is what a process does that doctor started to be asked.
func answer() int {
	if err := echo.Main(os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return exitError
	}
	return exitPass
}

// inBubble does what a child in a bubble was started for.
func inBubble(args []string, in io.Reader, out io.Writer) int {
	jobs := map[string]func(io.Reader, io.Writer) int{
		experiment.BubbleRun: experiment.InBubble,
		verify.BubbleCheck:   verify.InBubble,
	}
	if len(args) == 1 && jobs[args[0]] != nil {
		return jobs[args[0]](in, out)
	}
	fmt.Fprintf(os.Stderr, "bubble: job is %q; want %s or %s\n", args, experiment.BubbleRun, verify.BubbleCheck)
	return exitUsage
}
