package main

import (
	"os"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/fcbench/fcbench/results"
)

// kept runs "kept FILE EARLIER": the file has one run, which adds up, was known for longer
// than in an earlier copy, and for most of the time that it had taken when it was written,
// however slow the machine is.
func kept(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: kept FILE EARLIER")
	}
	written, err := os.Stat(ts.MkAbs(args[0]))
	ts.Check(err)
	run, earlier := theRun(ts, args[0]), theRun(ts, args[1])
	took, known := written.ModTime().Sub(run.StartedAt), time.Duration(run.MeasuredNS)
	if known < took/2 {
		ts.Fatalf("when it was written, after %v, it was known for %v; want most of that", took, known)
	}
	if run.MeasuredNS <= earlier.MeasuredNS || run.Offered <= earlier.Offered {
		ts.Fatalf("it has %d arrivals in %v, and had %d in %v before", run.Offered, known, earlier.Offered, time.Duration(earlier.MeasuredNS))
	}
	addsUp(ts, run)
}

// theRun is the only one in a file.
func theRun(ts *testscript.TestScript, file string) *results.Run {
	f, err := os.Open(ts.MkAbs(file))
	ts.Check(err)
	defer f.Close()
	runs, err := results.ReadRuns(f, file)
	ts.Check(err)
	if len(runs) != 1 {
		ts.Fatalf("%s has %d runs; want one", file, len(runs))
	}
	return &runs[0]
}

// addsUp fails unless each arrival of the run is counted wherever arrivals are.
func addsUp(ts *testscript.TestScript, run *results.Run) {
	var ended, timed, offered, inIntervals, inClasses uint64
	for name, n := range run.Outcomes {
		ended += n
		if l := run.Latency.Response[name]; l != nil {
			timed += uint64(l.Count)
		}
	}
	for _, i := range run.Intervals {
		offered, inIntervals = offered+i.Offered, inIntervals+i.OK+i.Rejected+i.Other
	}
	for _, c := range run.Classes {
		inClasses += c.Offered
	}
	n := run.Offered
	if n == 0 || ended != n || offered != n || inIntervals != n || inClasses != n || timed != n-run.Outcomes["unsent"] || run.Attempts != timed {
		ts.Fatalf("offered %d: %d ended, %d timed, %d attempts, %d and %d in intervals, %d in classes; unsent %d",
			n, ended, timed, run.Attempts, offered, inIntervals, inClasses, run.Outcomes["unsent"])
	}
}
