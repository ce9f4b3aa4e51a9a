package imported

import (
	"bytes"
	"math"
	"strconv"
	"strings"

	"github.com/HdrHistogram/hdrhistogram-go"

	"github.com/fcbench/fcbench/internal/loglinear"
)

// table is one of percentiles, as HdrHistogram prints it: which values how many do not
// exceed. Values are in ns.
type table struct {
	unit      float64 // of its values, in ns
	rows      []tableRow
	mean, max *float64
	total     uint64
}

type tableRow struct {
	value float64
	share float64
	count uint64 // that do not exceed the value
}

// mostRows is more than any histogram of 64-bit values has.
const mostRows = 100_000

// add reads a line of the table; done is that it was the last.
func (t *table) add(in *input, line []byte) (done bool, err error) {
	text := strings.TrimSpace(string(line))
	switch {
	case text == "" || strings.HasPrefix(text, "Value"):
		return false, nil
	case strings.HasPrefix(text, "#["):
		return t.footer(in, text)
	}
	fields := strings.Fields(text)
	if len(fields) < 3 || len(fields) > 4 {
		return false, in.wrong("line %.60q is no row of a table of percentiles; want Value, Percentile and TotalCount", text)
	}
	value, err := t.number(in, "value", fields[0])
	if err != nil {
		return false, err
	}
	share, err := strconv.ParseFloat(fields[1], 64)
	if err != nil || !(share >= 0 && share <= 1) {
		return false, in.wrong("percentile is %.40q; want 0 to 1", fields[1])
	}
	count, err := strconv.ParseUint(fields[2], 10, 63)
	if err != nil {
		return false, in.wrong("total count is %.40q; want a whole number", fields[2])
	}
	if n := len(t.rows); n > 0 && (value < t.rows[n-1].value || share < t.rows[n-1].share || count < t.rows[n-1].count) {
		return false, in.wrong("row is %.60q after one with more; want rows that ascend", text)
	}
	if len(t.rows) == mostRows {
		return false, in.wrong("there are more than %d rows; want a table of percentiles", mostRows)
	}
	t.rows = append(t.rows, tableRow{value, share, count})
	return false, nil
}

// number is a value of the table in ns.
func (t *table) number(in *input, what, text string) (float64, error) {
	v, err := strconv.ParseFloat(text, 64)
	if v *= t.unit; err != nil || !(v >= 0 && v <= float64(mostTook)) {
		return 0, in.wrong("%s is %.40q; want a duration of 0 to %v", what, text, mostTook)
	}
	return v, nil
}

// footer reads "#[Mean = 6.457, StdDeviation = 1.930]" and its like.
func (t *table) footer(in *input, text string) (done bool, err error) {
	inner := strings.TrimSuffix(strings.TrimPrefix(text, "#["), "]")
	for part := range strings.SplitSeq(inner, ",") {
		name, value, ok := strings.Cut(part, "=")
		if !ok {
			continue
		}
		name, value = strings.TrimSpace(name), strings.TrimSpace(value)
		switch name {
		case "Mean", "Max":
			v, err := t.number(in, name, value)
			if err != nil {
				return false, err
			}
			if name == "Mean" {
				t.mean = &v
			} else {
				t.max = &v
			}
		case "Total count":
			if t.total, err = strconv.ParseUint(value, 10, 63); err != nil {
				return false, in.wrong("total count is %.40q; want a whole number", value)
			}
		case "Buckets":
			done = true
		}
	}
	return done, nil
}

// fill adds what the table says to a summary. A percentile is that of the first row
// which reaches it, and so a little too high where it is between two.
func (t *table) fill(in *input, s *summary) error {
	if len(t.rows) == 0 {
		return in.wrong("there is no row of a table of percentiles; want %s's %s", in.tool, in.doc())
	}
	last := t.rows[len(t.rows)-1]
	if t.total == 0 {
		t.total = last.count
	}
	switch {
	case t.total == 0 || last.count == 0:
		return in.wrong("the table is of no value; want one of some")
	case last.count > t.total:
		return in.wrong("the last row is of %d values of %d; want no more than there are", last.count, t.total)
	case last.count < t.total:
		return in.wrong("the table ends at %d of %d values; want it whole", last.count, t.total)
	}
	stats := map[string]float64{"min_ns": t.rows[0].value}
	for key, q := range map[string]loglinear.Quantile{"p50_ns": {Num: 1, Den: 2}, "p90_ns": {Num: 9, Den: 10}, "p95_ns": {Num: 19, Den: 20}, "p99_ns": {Num: 99, Den: 100}, "p999_ns": {Num: 999, Den: 1000}, "p9999_ns": {Num: 9999, Den: 10_000}} {
		stats[key] = t.at(q)
	}
	if t.max != nil {
		stats["max_ns"] = *t.max
	}
	if t.mean != nil {
		stats["mean_ns"] = *t.mean
	}
	for key, ns := range stats {
		if err := s.stat(in, key, key, ns); err != nil {
			return err
		}
	}
	text, err := t.histogram()
	if err != nil {
		return in.wrong("%w", err)
	}
	s.latency["count"], s.latency["hdr"] = t.total, text
	s.warnings = append(s.warnings, "percentiles are those of the next row of a table, and so a little too high where they are between two")
	return nil
}

func (t *table) at(q loglinear.Quantile) float64 {
	rank := q.Rank(t.total)
	for _, r := range t.rows {
		if r.count >= rank {
			return r.value
		}
	}
	return t.rows[len(t.rows)-1].value
}

// histogram has between two rows all values at the upper one.
func (t *table) histogram() (string, error) {
	h := hdrhistogram.New(1, int64(mostTook), 3)
	before := uint64(0)
	for _, r := range t.rows {
		if n := r.count - before; n > 0 {
			if err := h.RecordValues(int64(math.Round(r.value)), int64(n)); err != nil {
				return "", err
			}
		}
		before = r.count
	}
	text, err := h.EncodeV2()
	return string(text), err
}

// isTableHead reports whether a line heads a table of percentiles.
func isTableHead(line []byte) bool {
	return bytes.Contains(line, []byte("Value")) && bytes.Contains(line, []byte("Percentile")) && bytes.Contains(line, []byte("TotalCount"))
}
