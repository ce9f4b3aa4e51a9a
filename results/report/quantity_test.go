package report

import (
	"math"
	"strconv"
	"strings"
	"testing"

	"github.com/fcbench/fcbench/results"
)

func TestQuantity(t *testing.T) {
	for _, c := range []struct {
		value float64
		unit  string
		want  string
	}{
		{0, results.UnitNS, "0 ns"},
		{870, results.UnitNS, "870 ns"},
		{98.14, results.UnitNS, "98.1 ns"},
		{999.4, results.UnitNS, "999 ns"},
		{999.6, results.UnitNS, "1.00 µs"},
		{1200, results.UnitNS, "1.20 µs"},
		{35_149_000, results.UnitNS, "35.1 ms"},
		{999_700, results.UnitNS, "1.00 ms"},
		{3.6e12, results.UnitNS, "3,600 s"},
		{-1500, results.UnitNS, "-1.50 µs"},
		{0.359, results.UnitShare, "35.9%"},
		{0.00012, results.UnitShare, "0.012%"},
		{1234567.4, results.UnitRate, "1,234,567/s"},
		{0.1, results.UnitRate, "0.1/s"},
		{29000, results.UnitCount, "29,000"},
		{999, results.UnitCount, "999"},
		{1000, results.UnitCount, "1,000"},
		{-1234567, results.UnitCount, "-1,234,567"},
		{0.0283, results.UnitRatio, "0.0283"},
		{0.00283, results.UnitRatio, "0.00283"},
		{3 << 20, results.UnitBytes, "3.00 MiB"},
		{17, results.UnitBytes, "17 B"},
	} {
		if got := Quantity(c.value, c.unit); got != c.want {
			t.Errorf("%v %s is %q; want %q", c.value, c.unit, got, c.want)
		}
	}
}

// A time as written must stand for the time it was written for.
func FuzzDuration(f *testing.F) {
	for _, ns := range []float64{0, 0.3, 1, 999.5, 999.96, 1e3, 999_499, 999_950, 1e9, 12345678901, 3.6e12} {
		f.Add(ns)
	}
	sizes := map[string]float64{"ns": 1, "µs": 1e3, "ms": 1e6, "s": 1e9}
	f.Fuzz(func(t *testing.T, ns float64) {
		if math.IsNaN(ns) || math.Abs(ns) > 1e15 || math.Abs(ns) < 1e-9 {
			return // not a time that is ever written
		}
		text := duration(ns)
		digits, unit, _ := strings.Cut(text, " ")
		v, err := strconv.ParseFloat(strings.ReplaceAll(digits, ",", ""), 64)
		if err != nil || sizes[unit] == 0 {
			t.Fatalf("%v ns is written %q", ns, text)
		}
		if off := math.Abs(v*sizes[unit] - ns); off > 0.0051*math.Abs(ns) && off > 0.0051 {
			t.Errorf("%v ns is written %q, which is off by %v", ns, text, off)
		}
		if unit != "s" && math.Abs(v) >= 1000 {
			t.Errorf("%v ns is written %q; want the next unit", ns, text)
		}
	})
}
