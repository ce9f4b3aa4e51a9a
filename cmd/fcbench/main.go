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
	"github.com/fcbench/fcbench/internal/experiment"
)

func main() {
	if args, called := bubble.Called(); called {
		bubble.Main(func(in io.Reader, out io.Writer) int { return inBubble(args, in, out) })
	}
	os.Exit(Main(context.Background(), os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}

// inBubble does what a child in a bubble was started for.
func inBubble(args []string, in io.Reader, out io.Writer) int {
	if len(args) == 1 && args[0] == experiment.BubbleRun {
		return experiment.InBubble(in, out)
	}
	fmt.Fprintf(os.Stderr, "bubble: job is %q; want %s\n", args, experiment.BubbleRun)
	return exitUsage
}
