// Command fcbench generates reproducible load, sends it to rate limiters and
// services, and says how right and how fast they are, and whether its own
// measurement can be believed.
package main

import (
	"context"
	"os"
)

func main() {
	os.Exit(Main(context.Background(), os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}
