package report

import (
	"fmt"
	"io"
	"strings"

	"github.com/fcbench/fcbench/results"
)

// Hgrm writes percentile tables as wrk2 prints them and hdrhistogram.github.io
// plots them, each behind a line that names it and its unit: milliseconds, or
// microseconds for subjects in process, of which a millisecond shows nothing.
// The repeats of a trial are merged, which is right for looking and wrong for
// comparing. A second line says so where a stand-in was measured. With o.Histogram, such as "response.ok", only that one is written.
func Hgrm(w io.Writer, runs []results.Run, o Options) error {
	comparisons, err := comparisons(runs)
	if err != nil {
		return err
	}
	var seen []string
	written := 0
	for _, c := range comparisons {
		for _, t := range c.trials {
			for _, path := range t.histogramPaths() {
				seen = append(seen, path)
				if o.Histogram != "" && o.Histogram != path {
					continue
				}
				if err := t.writePercentiles(w, path); err != nil {
					return err
				}
				written++
			}
		}
	}
	if o.Histogram != "" && written == 0 {
		return fmt.Errorf("histogram is %q; want one of %s", o.Histogram, strings.Join(distinct(seen), ", "))
	}
	return nil
}

// histogramPaths are those that any repeat has.
func (t trial) histogramPaths() []string {
	var paths []string
	for _, r := range t.repeats {
		for _, h := range histograms(r.Run) {
			paths = append(paths, h.path)
		}
	}
	return distinct(paths)
}

func (t trial) writePercentiles(w io.Writer, path string) error {
	var parts []*results.Latency
	for _, r := range t.repeats {
		for _, h := range histograms(r.Run) {
			if h.path == path {
				parts = append(parts, h.latency)
			}
		}
	}
	sum, err := results.Distribute(parts...)
	if err != nil {
		return fmt.Errorf("%s of %s: %w", path, t.name, err)
	}
	unit, scale := "ms", 1e6
	if t.inProcess() {
		unit, scale = "µs", 1e3
	}
	if _, err := fmt.Fprintf(w, "#[%s %s, %s, n=%d, %s]\n", Plain(t.repeats[0].Scenario), Plain(t.name), path, len(parts), unit); err != nil {
		return err
	}
	if t.simulated() {
		if _, err := fmt.Fprintf(w, "#[simulated: %s]\n", noClaim); err != nil {
			return err
		}
	}
	const ticksPerHalf = 5
	_, err = sum.Histogram().PercentilesPrint(w, ticksPerHalf, scale)
	return err
}

// distinct keeps the first of equal strings.
func distinct(all []string) []string {
	var out []string
	seen := map[string]bool{}
	for _, s := range all {
		if !seen[s] {
			out = append(out, s)
		}
		seen[s] = true
	}
	return out
}
