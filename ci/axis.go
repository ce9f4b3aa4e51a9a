package ci

import (
	"fmt"
	"math"

	"github.com/fcbench/fcbench/internal/plot"
	"github.com/fcbench/fcbench/results"
)

// axis is one of changes.
type axis struct{ plot.Axis }

func newAxis(values []float64, low, high float64, steps int) axis {
	return axis{plot.Linear(values, low, high, steps)}
}

// percents writes a share as the steps of the axis need it.
func (a axis) percents(v float64, unit string) string {
	decimals := max(0, int(math.Ceil(-math.Log10(100*a.Step)-1e-9)))
	return fmt.Sprintf("%+.*f%s", decimals, 100*v, unit)
}

// change writes a mark of changes.
func (a axis) change(f *Finding, v float64) string {
	switch {
	case v == 0:
		return "0"
	case f.Relative:
		return a.percents(v, "%")
	case f.Unit == results.UnitShare || f.Unit == results.UnitRatio:
		return a.percents(v, "pp")
	}
	return f.Text(v)
}
