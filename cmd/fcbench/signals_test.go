package main

import (
	"fmt"
	"os"
	"syscall"
	"testing"
	"testing/synctest"
	"time"
)

// TestSignals: what comes within half a second of the first is the same one,
// whatever it is called; a later one ends the program at once.
func TestSignals(t *testing.T) {
	for name, c := range map[string]struct {
		after []time.Duration
		want  string
	}{
		"one":                        {[]time.Duration{0}, "[stop]"},
		"twice within microseconds":  {[]time.Duration{0, 3 * time.Microsecond}, "[stop]"},
		"to process and group":       {[]time.Duration{0, 0, sameSignalWithin - 1}, "[stop]"},
		"once more":                  {[]time.Duration{0, sameSignalWithin}, "[stop quit]"},
		"twice, and once more later": {[]time.Duration{0, 0, time.Hour}, "[stop quit]"},
	} {
		synctest.Test(t, func(t *testing.T) {
			signals, ended := make(chan os.Signal, 16), make(chan struct{})
			var got []string
			go heedSignals(signals, ended, func() { got = append(got, "stop") }, func() { got = append(got, "quit") })
			start := time.Now()
			for i, after := range c.after {
				time.Sleep(after - time.Since(start))
				signals <- []os.Signal{os.Interrupt, syscall.SIGTERM, syscall.SIGQUIT}[i%3]
			}
			synctest.Wait()
			close(ended)
			synctest.Wait()
			if fmt.Sprint(got) != c.want {
				t.Errorf("%s: %v; want %s", name, got, c.want)
			}
		})
	}
}
