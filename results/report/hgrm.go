package report

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/fcbench/fcbench/results"
)

// Hgrm writes a percentile table as wrk2 prints it and hdrhistogram.github.io
// plots it: the one that o.Histogram names, such as "gcra.response.ok", or
// "response.ok" where that says enough. Plotters read one table a file, so of
// several none is written; [HgrmParts] are all of them.
func Hgrm(w io.Writer, runs []results.Run, o Options) error {
	parts, err := HgrmParts(runs)
	if err != nil {
		return err
	}
	var names []string
	var chosen []Part
	for _, p := range parts {
		names = append(names, p.Name)
		if o.Histogram == "" || p.Name == o.Histogram || strings.HasSuffix(p.Name, "."+o.Histogram) {
			chosen = append(chosen, p)
		}
	}
	switch {
	case len(chosen) == 1:
		return chosen[0].Write(w)
	case len(parts) == 0 && o.Histogram == "":
		return nil
	}
	return fmt.Errorf("hgrm is of one histogram, and %q is %d of them; want hgrm:NAME=FILE with NAME one of %s, or hgrm=FILE for a file each",
		o.Histogram, len(chosen), strings.Join(names, ", "))
}

// HgrmParts are the percentile tables of all histograms, each behind a line that
// names it and its unit: milliseconds, or microseconds for subjects in process, of
// which a millisecond shows nothing. The repeats of a trial are merged, which is
// right for looking and wrong for comparing. A second line says so where a stand-in
// was measured.
func HgrmParts(runs []results.Run) (parts []Part, err error) {
	comparisons, err := comparisons(runs)
	if err != nil {
		return nil, err
	}
	for _, c := range comparisons {
		for _, t := range c.trials {
			for _, path := range t.histogramPaths() {
				name := t.name + "." + path
				if len(comparisons) > 1 {
					name = c.runs[0].Scenario + "." + name
				}
				parts = append(parts, Part{uniqueName(parts, name), func(w io.Writer) error { return t.writePercentiles(w, path) }})
			}
		}
	}
	return parts, nil
}

// uniqueName is the name, numbered where it is taken.
func uniqueName(parts []Part, name string) string {
	for n, tried := 1, name; ; tried = fmt.Sprintf("%s-%d", name, n) {
		if !slices.ContainsFunc(parts, func(p Part) bool { return p.Name == tried }) {
			return tried
		}
		n++
	}
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
