package curves

import (
	"encoding/csv"
	"errors"
	"io"
	"strconv"
)

// columns are those of the CSV. A line is a trial by one goal, a point of the fit, or the
// knee; what a line does not have is empty.
var columns = [...]string{
	"line", "goal", "value", "value_low", "value_high", "trial", "phase", "length_s", "counts", "kept", "backlog", "fitted",
	"bad", "of", "share", "share_low", "share_high", "metric", "metric_low", "metric_high", "metric_unit", "goodput_per_s", "p50_ns", "p99_ns", "spoiled",
}

// CSV writes a line per trial and goal, per point of the fit, and for the knee.
func CSV(w io.Writer, c *Curve, _ Options) error {
	out := csv.NewWriter(w)
	err := out.Write(columns[:])
	put := func(cells map[string]string) {
		line := make([]string, len(columns))
		for i, name := range columns {
			line[i] = cells[name]
		}
		err = errors.Join(err, out.Write(line))
	}
	for _, p := range c.Trials {
		for i, g := range c.Goals {
			put(p.cells(g, p.Goals[i]))
		}
	}
	if c.Fit != nil {
		for _, p := range c.Fit.Points {
			put(p.cells(c.Fit.Goal))
		}
	}
	if k := c.Knee; k != nil {
		put(map[string]string{"line": "knee", "goal": k.Goal, "value": text(&k.Value), "value_low": text(&k.Low), "value_high": text(&k.High)})
	}
	out.Flush()
	return errors.Join(err, out.Error())
}

func (p *Point) cells(g Goal, r Reading) map[string]string {
	seconds := float64(p.LengthNS) / 1e9
	return map[string]string{
		"line": "trial", "goal": g.Name, "value": text(&p.Value), "trial": strconv.Itoa(p.Trial), "phase": string(p.Phase), "length_s": text(&seconds),
		"counts": strconv.FormatBool(p.Counts), "kept": strconv.FormatBool(p.Kept), "backlog": strconv.FormatBool(p.Backlog), "fitted": strconv.FormatBool(p.Fitted),
		"bad": strconv.FormatUint(r.Bad, 10), "of": strconv.FormatUint(r.Of, 10), "share": text(r.Share), "metric": text(r.Value), "metric_unit": g.Unit,
		"goodput_per_s": text(p.Goodput), "p50_ns": text(p.P50), "p99_ns": text(p.P99), "spoiled": p.Spoiled,
	}
}

func (f *Fitted) cells(goal string) map[string]string {
	cells := map[string]string{"line": "fit", "goal": goal, "value": text(&f.Value), "share": text(&f.Share.Middle), "share_low": text(&f.Share.Low), "share_high": text(f.Share.High)}
	if r := f.Response; r != nil {
		cells["metric"], cells["metric_low"], cells["metric_high"], cells["metric_unit"] = text(&r.Middle), text(&r.Low), text(r.High), "ns"
	}
	return cells
}

// text is a number in full, and nothing for none.
func text(v *float64) string {
	if v == nil {
		return ""
	}
	return strconv.FormatFloat(*v, 'g', -1, 64)
}
