package imported

import (
	"errors"
	"io"
	"strings"
	"time"

	"github.com/fcbench/fcbench/results"
)

// readHgrm reads a table of percentiles alone. What it is of and in which unit only those
// of fcbench say, in their first line.
func readHgrm(in *input) (*results.Run, error) {
	t, s := &table{}, &summary{}
	path, unit := in.o.Histogram, in.o.Unit
	headed, done := false, false
	for {
		line, err := in.next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		switch text := strings.TrimSpace(string(line)); {
		case done && text != "":
			return nil, in.wrong("line %.60q comes after the table; want a file of one table", text)
		case !headed && strings.HasPrefix(text, "#[") && in.line == 1:
			path, unit = ofFcbench(text, path, unit)
		case !headed && isTableHead(line):
			if headed = true; unit <= 0 {
				return nil, in.wrong("unit is not known, as a table of percentiles does not say it; want --unit ms or the like")
			}
			t.unit = float64(unit)
		case !headed && text != "" && !strings.HasPrefix(text, "#["):
			return nil, in.wrong("line is %.60q; want a table of percentiles, which begins with Value, Percentile and TotalCount", text)
		case headed:
			if done, err = t.add(in, line); err != nil {
				return nil, err
			}
		}
	}
	kind, outcome, ok := strings.Cut(path, ".")
	if _, known := results.HistogramOf(path + ".p50"); !ok || !known || kind == "classes" || kind == "requests" || kind == "phases" {
		return nil, in.wrong("histogram is %q; want --histogram response.ok where times run from when requests were due, or service.ok where they run from when they were sent", path)
	}
	s.kind, s.outcome = kind, outcome
	if err := t.fill(in, s); err != nil {
		return nil, err
	}
	return s.run(in, "percentiles")
}

// ofFcbench reads "#[checkout gcra, response.ok, n=3, ms]", which only fills in what was
// not said otherwise.
func ofFcbench(text, path string, unit time.Duration) (string, time.Duration) {
	parts := strings.Split(strings.TrimSuffix(strings.TrimPrefix(text, "#["), "]"), ", ")
	n := len(parts)
	if n < 4 || !strings.HasPrefix(parts[n-2], "n=") {
		return path, unit
	}
	if path == "" {
		path = parts[n-3]
	}
	if known := map[string]time.Duration{"ms": time.Millisecond, "µs": time.Microsecond}[parts[n-1]]; unit == 0 {
		unit = known
	}
	return path, unit
}
