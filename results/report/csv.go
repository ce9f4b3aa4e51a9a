package report

import (
	"encoding/csv"
	"io"
	"slices"
	"strconv"
	"time"

	"github.com/fcbench/fcbench/results"
)

// CSV writes one line per run: what identifies it, then every metric that any
// of the runs has. Heads of metrics are path and unit: "response.ok.p50 (ns)".
// A cell is empty where the run lacks the metric.
func CSV(w io.Writer, runs []results.Run, _ Options) error {
	metrics := present(runs)
	out := csv.NewWriter(w)
	var head []string
	identity := identity(runs)
	for _, id := range identity {
		head = append(head, id.name)
	}
	for _, m := range metrics {
		head = append(head, m.Path+" ("+m.Unit+")")
	}
	if err := out.Write(head); err != nil {
		return err
	}
	for _, r := range runs {
		if err := out.Write(csvLine(r, identity, metrics)); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}

// identified is a column that says which run a line is.
type identified struct {
	name string
	of   func(results.Run) string
}

// identity are those columns of all runs. Sweeps add what varies in them.
func identity(runs []results.Run) []identified {
	which := []identified{
		{"scenario", func(r results.Run) string { return r.Scenario }},
		{"trial", func(r results.Run) string { return r.Trial }},
	}
	var known []string
	for _, r := range runs {
		for _, path := range paths(r) {
			if !slices.Contains(known, path) {
				known = append(known, path)
				which = append(which, identified{"params." + path, func(r results.Run) string { return r.Param(path) }})
			}
		}
	}
	return append(which, []identified{
		{"url", func(r results.Run) string { return setting(r, "url") }},
		{"repeat", func(r results.Run) string { return strconv.Itoa(r.Repeat) }},
		{"order", func(r results.Run) string { return strconv.Itoa(r.Order) }},
		{"time", func(r results.Run) string { return string(r.Time) }},
		{"simulated", func(r results.Run) string { return strconv.FormatBool(r.Simulated) }},
		{"in_process", func(r results.Run) string { return strconv.FormatBool(r.InProcess) }},
		{"partial", func(r results.Run) string { return strconv.FormatBool(r.Partial) }},
		{"seed", func(r results.Run) string { return strconv.FormatUint(r.Schedule.Seed, 10) }},
		{"digest", func(r results.Run) string { return r.Schedule.Digest }},
		{"started_at", func(r results.Run) string { return r.StartedAt.Format(time.RFC3339Nano) }},
		{"measured_ns", func(r results.Run) string { return strconv.FormatInt(r.MeasuredNS, 10) }},
		{"verdict", func(r results.Run) string { return string(r.Validity.Verdict) }},
	}...)
}

func csvLine(r results.Run, identity []identified, metrics []results.Metric) []string {
	var line []string
	for _, id := range identity {
		line = append(line, id.of(r))
	}
	for _, m := range metrics {
		cell := ""
		if v, _, err := results.Value(&r, m.Path); err == nil {
			cell = strconv.FormatFloat(v, 'f', -1, 64)
		}
		line = append(line, cell)
	}
	return line
}
