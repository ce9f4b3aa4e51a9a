// Package bubble runs a part of this program in virtual time, for code that
// reads the clock itself and takes no other.
//
// A testing/synctest bubble replaces package time for the goroutines in it:
// time.Now stands still while any of them runs, and jumps to the next timer
// when all of them wait. Outside of tests a bubble can only be had from
// [testing.Main], which ends the process, so it gets a process of its own: this
// same program, started again by [Run], which finds itself [Called] and goes to
// [Main]. Whatever the child should know travels through its arguments and its
// input, and what it found out through its output. A parent that wants no more
// says so; see [Input].
//
// In a bubble the clock starts with the year 2000 and, as nothing takes any time
// but waiting, everything repeats to the nanosecond if it is not racy itself. What
// a bubble cannot move:
//
//   - code that reads the clock past package time, by linkname or system call;
//   - the network, pipes and files: while a goroutine waits for them the clock
//     stands still, because the wait could end at any moment;
//   - goroutines, timers and channels made before the bubble was, such as those
//     of package-level variables: they stay in real time;
//   - waiting for a mutex, which does not let the clock move either.
//
// A library should be made, used and dropped inside of the bubble.
package bubble

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"testing"
	"testing/synctest"
)

// argument is the first argument of a child. It is no name that a user would
// give to anything.
const argument = "run-in-bubble"

// exitBroken is the code of a child that did not get as far as to return one. It
// is that of a panic.
const exitBroken = 2

// Called reports whether this process is a child that [Run] started, and with
// which arguments. A program asks before it looks at its arguments itself.
func Called() (args []string, called bool) {
	if len(os.Args) < 2 || os.Args[1] != argument {
		return nil, false
	}
	return os.Args[2:], true
}

// Main runs f in a bubble and ends the process with the code that f returns,
// whatever goroutines f leaves behind. It is called in a child, once, from main.
// The reader that f is given is an [*Input].
//
// When to stop is the parent's word: an interrupt, which some terminals send to
// all processes that use them, is ignored.
//
// Everything in the bubble waiting for nothing that could come, and a panic, are
// written to standard error and end the process with code 2. Nothing but f
// writes to standard output.
func Main(f func(in io.Reader, out io.Writer) int) {
	signal.Ignore(os.Interrupt)
	in, err := receive(os.Stdin)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(exitBroken)
	}
	out := os.Stdout
	// Package testing reads the arguments and reports to standard output, which
	// are f's; so it sees neither.
	os.Args, os.Stdout = os.Args[:1], os.Stderr
	main := func(t *testing.T) {
		synctest.Test(t, func(*testing.T) {
			os.Stdout = out
			os.Exit(f(in, out))
		})
	}
	testing.Main(matchAll, []testing.InternalTest{{Name: "bubble", F: main}}, nil, nil)
}

func matchAll(_, _ string) (bool, error) { return true, nil }

// errNested keeps a program that does not ask whether it was called from
// starting itself for ever.
var errNested = errors.New("this process was started to run in a bubble, and is not in one; want main to ask bubble.Called first")
