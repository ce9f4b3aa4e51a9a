package main

import (
	"os"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/fcbench/fcbench/results"
)

// kept runs "kept FILE MARK WITHIN": the file has one run, which adds up, and was
// known until at most so long before the other file was made.
func kept(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: kept FILE MARK WITHIN")
	}
	f, err := os.Open(ts.MkAbs(args[0]))
	ts.Check(err)
	defer f.Close()
	runs, err := results.ReadRuns(f, args[0])
	ts.Check(err)
	mark, err := os.Stat(ts.MkAbs(args[1]))
	ts.Check(err)
	within, err := time.ParseDuration(args[2])
	ts.Check(err)
	if len(runs) != 1 {
		ts.Fatalf("%d runs; want one", len(runs))
	}
	run := &runs[0]
	if lost := mark.ModTime().Sub(run.StartedAt.Add(time.Duration(run.MeasuredNS))); lost > within {
		ts.Fatalf("what was measured in the last %v is lost; want at most %v", lost, within)
	}
	addsUp(ts, run)
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
