package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"
)

const (
	// cleanWithin is how long a second signal waits for what must not be left behind.
	cleanWithin = time.Second
	// sameSignalWithin is how long further signals count as the first one: shells and
	// supervisors often signal both a program and its process group.
	sameSignalWithin = 500 * time.Millisecond
)

// ending are the signals that ask a run to end. A terminal that is closed or a
// program that asks for a core dump must not cost what was measured either.
var ending = [...]os.Signal{os.Interrupt, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGQUIT}

// interruptible returns a context that the first ending signal ends: no more
// arrivals, a drain, and a partial report. A second one ends the program at once,
// after cleanup. A closed pipe is an error like any other.
func interruptible(ctx context.Context, w io.Writer, cleanup func()) (context.Context, func()) {
	signal.Ignore(syscall.SIGPIPE)
	ctx, cancel := context.WithCancel(ctx)
	signals := make(chan os.Signal, 16)
	signal.Notify(signals, ending[:]...)
	ended := make(chan struct{})
	go heedSignals(signals, ended, func() {
		fmt.Fprintln(w, "fcbench: stopping: draining what is in flight; once more to end at once")
		cancel()
	}, func() { exitSoon(cleanup) })
	return ctx, func() {
		signal.Stop(signals)
		close(ended)
		cancel()
	}
}

// heedSignals calls stop on the first signal, and quit on one that comes later
// than the first can still be heard.
func heedSignals(signals <-chan os.Signal, ended <-chan struct{}, stop, quit func()) {
	var first time.Time
	for {
		select {
		case <-signals:
		case <-ended:
			return
		}
		switch {
		case first.IsZero():
			first = time.Now()
			stop()
		case time.Since(first) >= sameSignalWithin:
			quit()
		}
	}
}

// exitSoon cleans up and ends the program, in this order if time allows.
func exitSoon(cleanup func()) {
	time.AfterFunc(cleanWithin, func() { os.Exit(exitInterrupted) })
	cleanup()
	os.Exit(exitInterrupted)
}
