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

// lastWords is how long a second signal waits for what must not be left behind.
const lastWords = time.Second

// interruptible returns a context that the first Ctrl-C, SIGTERM or SIGHUP
// ends: no more arrivals, a drain, and a partial report. A second one ends the
// program at once, after cleanup. A closed pipe is an error like any other.
func interruptible(ctx context.Context, w io.Writer, cleanup func()) (context.Context, func()) {
	signal.Ignore(syscall.SIGPIPE)
	ctx, cancel := context.WithCancel(ctx)
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	ended := make(chan struct{})
	go func() {
		for first := true; ; first = false {
			select {
			case <-signals:
				if !first {
					exitSoon(cleanup)
				}
				fmt.Fprintln(w, "fcbench: stopping: draining what is in flight; once more to end at once")
				cancel()
			case <-ended:
				return
			}
		}
	}()
	return ctx, func() {
		signal.Stop(signals)
		close(ended)
		cancel()
	}
}

// exitSoon cleans up and ends the program, in this order if time allows.
func exitSoon(cleanup func()) {
	time.AfterFunc(lastWords, func() { os.Exit(exitInterrupted) })
	cleanup()
	os.Exit(exitInterrupted)
}
