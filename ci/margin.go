package ci

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/fcbench/fcbench/internal/units"
	"github.com/fcbench/fcbench/results"
	"github.com/fcbench/fcbench/results/paired"
)

// Margin is how much worse a metric may get before anybody minds.
type Margin struct {
	Relative float64 // share of before; 0.05 is 5 %
	Absolute float64 // in the metric's unit, where Relative is 0
	text     string
}

// String is the margin as it was written.
func (m Margin) String() string { return m.text }

// IsAbsolute reports whether differences are taken, not ratios.
func (m Margin) IsAbsolute() bool { return m.Relative == 0 }

// parseMargin reads "5%", of before; "0.1pp", of a share; or a value in the unit
// of the metric, such as "50us".
func parseMargin(m results.Metric, text string) (Margin, error) {
	const want = "want a share of before such as 5%, points such as 0.1pp for a share, or a value in the metric's unit"
	out := Margin{text: text}
	var number float64
	var err error
	switch {
	case text == "":
		return out, nil
	case strings.HasSuffix(text, "pp") && m.Unit != results.UnitShare && m.Unit != results.UnitRatio:
		return out, fmt.Errorf("is %q, and %s is no share (%s); %s", text, m.Path, m.Unit, want)
	case strings.HasSuffix(text, "pp"):
		number, err = units.ParseShare(strings.TrimSuffix(text, "pp") + "%")
		out.Absolute = number
	case strings.HasSuffix(text, "%"):
		number, err = units.ParseShare(text)
		out.Relative = number
	default:
		number, err = parseValue(m, text)
		out.Absolute = number
	}
	if err != nil {
		return out, fmt.Errorf("is %q; %s", text, want)
	}
	if !(number >= 0 && number < 1e18) || out.Relative >= 1 {
		return out, fmt.Errorf("is %q; want 0 or more, and less than 100%%", text)
	}
	return out, nil
}

// parseValue reads a number in the unit of a metric.
func parseValue(m results.Metric, text string) (float64, error) {
	if isBench(m.Path) {
		return strconv.ParseFloat(text, 64)
	}
	if m.Path == capacityPath {
		v, ok := parseLoad(text)
		if !ok {
			return 0, fmt.Errorf("value is %q; want %s", text, aboutLoad)
		}
		return v, nil
	}
	t, err := results.ParseThreshold(m.Path + " <= " + text)
	return t.Bound, err
}

// defaultMargin is the margin of a claim without one: what people notice.
func defaultMargin(m results.Metric, exact bool) Margin {
	if exact || counted(m.Path) {
		return Margin{text: "0"}
	}
	if isBench(m.Path) {
		return Margin{Relative: 0.10, text: "10%"}
	}
	if m.Path == capacityPath {
		return Margin{Relative: 0.05, text: "5%"}
	}
	c, err := paired.ClaimOf(m.Path)
	switch {
	case err != nil || c.Margin == 0:
		return Margin{}
	case c.Scale == paired.Ratio:
		return Margin{Relative: c.Margin, text: fmt.Sprintf("%g%%", 100*c.Margin)}
	case m.Unit == results.UnitShare || m.Unit == results.UnitRatio:
		return Margin{Absolute: c.Margin, text: fmt.Sprintf("%gpp", 100*c.Margin)}
	}
	return Margin{Absolute: c.Margin, text: fmt.Sprintf("%g", c.Margin)}
}

// fit says why a margin does not suit a metric that is sampled; "" where it does.
func (m Margin) fit(of results.Metric) string {
	switch {
	case m.text == "":
		return fmt.Sprintf("is missing, and %s has none by default; want one in its unit (%s)", of.Path, of.Unit)
	case counted(of.Path):
	case m.Relative == 0 && m.Absolute == 0:
		return "is 0, which noise alone exceeds; want more than 0"
	case m.Relative > 0 && of.Better == results.NearZero:
		return fmt.Sprintf("is %q, and %s is best near zero, of which there are no shares; want a value in its unit, such as 0.5pp", m.text, of.Path)
	case m.Relative > 0 && of.Unit == results.UnitShare:
		return fmt.Sprintf("is %q, and %s is a share that may be 0; want points, such as 0.1pp", m.text, of.Path)
	}
	return ""
}

// isBench reports whether a path is a unit of Go benchmarks.
func isBench(path string) bool { return strings.Contains(path, "/") }

// MetricOf is the metric at path: of a run, or the unit of a Go benchmark.
func MetricOf(path string, bench bool) (results.Metric, error) {
	if !bench {
		return results.MetricOf(path)
	}
	for _, m := range benchMetrics() {
		if m.Path == path {
			return m, nil
		}
	}
	return results.Metric{}, fmt.Errorf("metric %q is unknown of a benchmark; want one of ns/op, B/op, allocs/op, MB/s", path)
}

func benchMetrics() []results.Metric {
	return []results.Metric{
		{Path: "ns/op", Unit: results.UnitNS, Better: results.Lower, Doc: "time per operation"},
		{Path: "B/op", Unit: results.UnitBytes, Better: results.Lower, Doc: "bytes allocated per operation"},
		{Path: "allocs/op", Unit: results.UnitCount, Better: results.Lower, Doc: "allocations per operation"},
		{Path: "MB/s", Unit: results.UnitRate, Better: results.Higher, Doc: "throughput"},
	}
}
