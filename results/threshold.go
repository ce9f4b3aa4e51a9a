package results

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/fcbench/fcbench/internal/units"
)

// Threshold is a condition on a metric, such as "response.ok.p99 < 5ms".
type Threshold struct {
	Metric Metric
	Op     string  // one of < <= > >= == !=
	Bound  float64 // in the metric's unit
	text   string  // the bound as it was written
}

// Check is a threshold held against a run.
type Check struct {
	Threshold Threshold
	Value     float64 // in the metric's unit
	OK        bool
	NoData    bool // the run lacks the metric; then OK is false
}

// operators in the order in which they are looked for: long ones first.
var operators = [...]string{"<=", ">=", "==", "!=", "<", ">"}

// ParseThreshold reads METRIC OPERATOR VALUE. The value is written in the
// metric's unit: durations with one of Go's units or d, rates as "100/s" or
// per second, shares and ratios as "0.01" or "1%", bytes as "4KiB", the rest
// as plain numbers.
func ParseThreshold(expr string) (Threshold, error) {
	path, op, text, err := splitThreshold(expr)
	if err != nil {
		return Threshold{}, err
	}
	metric, err := lookup(path)
	if err != nil {
		return Threshold{}, fmt.Errorf("threshold %q: %w", expr, err)
	}
	bound, err := parseValue(metric.Unit, text)
	if err != nil {
		return Threshold{}, fmt.Errorf("threshold %q: %w", expr, err)
	}
	return Threshold{Metric: metric.Metric, Op: op, Bound: bound, text: text}, nil
}

func splitThreshold(expr string) (path, op, text string, err error) {
	at := strings.IndexAny(expr, "<>=!")
	if at < 0 {
		return "", "", "", malformedThreshold(expr)
	}
	for _, op := range operators {
		text, found := strings.CutPrefix(expr[at:], op)
		path, text = strings.TrimSpace(expr[:at]), strings.TrimSpace(text)
		if found && path != "" && text != "" {
			return path, op, text, nil
		}
	}
	return "", "", "", malformedThreshold(expr)
}

func malformedThreshold(expr string) error {
	return fmt.Errorf("threshold is %q; want METRIC OPERATOR VALUE with one of < <= > >= == !=, such as \"response.ok.p99 < 5ms\"", expr)
}

// parseValue reads a number of the given unit.
func parseValue(unit, text string) (float64, error) {
	switch unit {
	case UnitNS:
		d, err := units.ParseDuration(text)
		return float64(d), err
	case UnitRate:
		r, err := units.ParseRate(text)
		if err == nil && r.Unlimited {
			err = fmt.Errorf("rate is %q; want a number, such as 100/s", text)
		}
		return r.PerSecond(), err
	case UnitBytes:
		s, err := units.ParseSize(text)
		return float64(s), err
	case UnitShare, UnitRatio:
		if _, err := parseNumber(strings.TrimSpace(strings.TrimSuffix(text, "%")), "a share, such as 0.01 or 1%"); err != nil {
			return 0, err
		}
		return units.ParseShare(text)
	}
	if c, err := units.ParseCount(text); err == nil {
		return float64(c), nil
	}
	return parseNumber(text, "a number, such as 0, 2.5 or 10k")
}

var errNotNumber = errors.New("not a number")

// parseNumber reads a finite decimal number.
func parseNumber(text, want string) (float64, error) {
	v, err := strconv.ParseFloat(text, 64)
	if err == nil && (math.IsNaN(v) || math.IsInf(v, 0) || strings.ContainsAny(text, "xX_")) {
		err = errNotNumber
	}
	if err != nil {
		return 0, fmt.Errorf("value is %q; want %s", text, want)
	}
	return v, nil
}

// String writes the threshold as it can be read again.
func (t Threshold) String() string { return t.Metric.Path + " " + t.Op + " " + t.text }

// Class is the stream that the metric is of, "" for one of the whole run. A run
// without such a stream can never have data for the threshold.
func (t Threshold) Class() string {
	return t.in("classes")
}

// Request is the request of a mix that it is of, likewise.
func (t Threshold) Request() string { return t.in("requests") }

func (t Threshold) in(section string) string {
	if s, name, _, ok := cutPart(t.Metric.Path); ok && s.name == section {
		return name
	}
	return ""
}

// Check holds the threshold against run. A percentile is known by the bucket it
// fell into: the threshold is kept where anything in there would keep it, so that
// p50 <= 10ms is by an answer of 10 ms although its bucket ends at 10.002.
func (t Threshold) Check(run *Run) Check {
	e, err := lookup(t.Metric.Path)
	if err != nil {
		return Check{Threshold: t, NoData: true}
	}
	v, ok := e.read(run)
	if !ok {
		return Check{Threshold: t, NoData: true}
	}
	low, high := v, v
	if e.bounds != nil {
		low, high = e.bounds(run, v)
	}
	return Check{Threshold: t, Value: v, OK: t.holds(low, high)}
}

// holds reports whether a value from low to high may keep the threshold.
func (t Threshold) holds(low, high float64) bool {
	return Compare(t.Op, t.unrounded(low), t.unrounded(high), t.Bound)
}

// Compare reports whether some value from low to high is op bound, where op is one of <, <=,
// >, >=, == and !=.
func Compare(op string, low, high, bound float64) bool {
	switch op {
	case "<":
		return low < bound
	case "<=":
		return low <= bound
	case ">":
		return high > bound
	case ">=":
		return high >= bound
	case "==":
		return low <= bound && bound <= high
	default:
		return low != bound || high != bound
	}
}

// roundings is by how much of itself what was divided a few times may be off.
const roundings = 1e-14

// unrounded is the bound where only the rounding of a quotient keeps a value from it, so
// that 3 answers in 0.3 s are 10 a second, however that is reckoned. Whole numbers are
// what they are.
func (t Threshold) unrounded(v float64) float64 {
	if whole := v == math.Trunc(v) && t.Bound == math.Trunc(t.Bound); !whole && math.Abs(v-t.Bound) <= roundings*math.Abs(t.Bound) {
		return t.Bound
	}
	return v
}
