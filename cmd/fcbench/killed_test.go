package main

import (
	"os"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/fcbench/fcbench/results"
)

// kept runs "kept FILE WITHIN [EARLIER]": the file has one run, which adds up and was
// known until at most so long before it was written, longer than in an earlier copy.
func kept(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 || len(args) > 3 {
		ts.Fatalf("usage: kept FILE WITHIN [EARLIER]")
	}
	within, err := time.ParseDuration(args[1])
	ts.Check(err)
	written, err := os.Stat(ts.MkAbs(args[0]))
	ts.Check(err)
	run := theRun(ts, args[0])
	if late := written.ModTime().Sub(run.StartedAt.Add(time.Duration(run.MeasuredNS))); late > within {
		ts.Fatalf("when it was written, what was measured in the last %v was missing; want at most %v", late, within)
	}
	if len(args) > 2 {
		if earlier := theRun(ts, args[2]); run.MeasuredNS <= earlier.MeasuredNS || run.Offered <= earlier.Offered {
			ts.Fatalf("it has %d arrivals in %d ns, and had %d in %d ns before", run.Offered, run.MeasuredNS, earlier.Offered, earlier.MeasuredNS)
		}
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
