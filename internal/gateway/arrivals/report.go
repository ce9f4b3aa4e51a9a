package arrivals

import (
	"fmt"
	"io"
	"time"
)

// Path is where the statistics are: GET returns them as JSON, DELETE begins anew.
const Path = "/arrival-stats"

// Report is what was found, and how much the finding took.
type Report struct {
	Stats
	Connections int     `json:"connections"` // at once, at most
	Refused     uint64  `json:"refused"`     // requests that could not be read
	Shut        uint64  `json:"shut"`        // times that nobody more could be let in, until somebody left
	Unnoted     uint64  `json:"unnoted"`     // reads of which the kernel did not note when they came
	Busy        float64 `json:"busy_share"`  // of the time from the first arrival to the last the thread worked
}

// Print writes a report for people.
func (r Report) Print(w io.Writer) {
	fmt.Fprintf(w, "arrivals     %d, %.6g/s of %.6g/s asked for, on up to %d connections\n", r.Arrivals, r.Reached, r.Asked, r.Connections)
	if r.Refused > 0 {
		fmt.Fprintf(w, "refused      %d requests that could not be read\n", r.Refused)
	}
	if r.Shut > 0 {
		fmt.Fprintf(w, "shut         %d times, when nobody more could be let in until somebody left; raise ulimit -n\n", r.Shut)
	}
	if r.Unnoted > 0 {
		fmt.Fprintf(w, "not noted    by the kernel when they came, %d reads, which count from when they were read\n", r.Unnoted)
	}
	for _, row := range []struct {
		name string
		fit  Fit
	}{{"off the grid", r.Grid}, {"behind first", r.Earliest}} {
		fmt.Fprintf(w, "%s p50 %v  p90 %v  p99 %v  max %v\n", row.name, round(row.fit.P50), round(row.fit.P90), round(row.fit.P99), round(row.fit.Max))
	}
	fmt.Fprintf(w, "reader       %.1f %% busy\n", 100*r.Busy)
}

func round(d time.Duration) time.Duration { return d.Round(Width) }
