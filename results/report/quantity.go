package report

import (
	"math"
	"strconv"
	"strings"

	"github.com/fcbench/fcbench/results"
)

// Quantity writes v as people read it: times with three significant digits and
// a fitting unit, shares in per cent, counts grouped by thousands. The units
// are those of the metrics.
func Quantity(v float64, unit string) string {
	switch unit {
	case results.UnitNS:
		return duration(v)
	case results.UnitShare:
		return percent(v)
	case results.UnitRate:
		return wholeNumber(v) + "/s"
	case results.UnitBytes:
		return size(v)
	default:
		return number(v)
	}
}

// size writes bytes in powers of 1024.
func size(bytes float64) string {
	for _, u := range []struct {
		name string
		size float64
	}{{"GiB", 1 << 30}, {"MiB", 1 << 20}, {"KiB", 1 << 10}} {
		if bytes >= u.size {
			return significant(bytes/u.size) + " " + u.name
		}
	}
	return number(bytes) + " B"
}

// duration writes nanoseconds. Whole nanoseconds get no decimals, because no
// clock resolved them. What took infinitely long did not come.
func duration(ns float64) string {
	if math.IsInf(ns, 1) {
		return "never"
	}
	units := []struct {
		name string
		size float64
	}{{"s", 1e9}, {"ms", 1e6}, {"µs", 1e3}}
	for _, u := range units {
		if math.Abs(ns) >= u.size*0.9995 {
			return significant(ns/u.size) + " " + u.name
		}
	}
	return number(ns) + " ns"
}

// percent writes a share; small ones keep two significant digits.
func percent(share float64) string {
	p := share * 100
	if p == 0 {
		return "0%"
	}
	if math.Abs(p) >= 0.1 {
		return strconv.FormatFloat(p, 'f', 1, 64) + "%"
	}
	return strconv.FormatFloat(p, 'g', 2, 64) + "%"
}

// number writes whole numbers whole, grouped by thousands, and others with
// three significant digits.
func number(v float64) string {
	if v == math.Trunc(v) {
		return group(strconv.FormatFloat(v, 'f', 0, 64))
	}
	return significant(v)
}

// significant writes v with three significant digits, zeros included, or with
// all digits before the point if there are more.
func significant(v float64) string {
	decimals := 2
	switch abs := math.Abs(v); {
	case abs >= 99.95:
		decimals = 0
	case abs >= 9.995:
		decimals = 1
	case abs < 0.9995:
		return strconv.FormatFloat(v, 'g', 3, 64)
	}
	return group(strconv.FormatFloat(v, 'f', decimals, 64))
}

// group puts a comma between thousands of the digits before the point.
func group(digits string) string {
	sign, rest := "", digits
	if strings.HasPrefix(digits, "-") {
		sign, rest = "-", digits[1:]
	}
	whole, fraction, _ := strings.Cut(rest, ".")
	for i := len(whole) - 3; i > 0; i -= 3 {
		whole = whole[:i] + "," + whole[i:]
	}
	if fraction != "" {
		whole += "." + fraction
	}
	return sign + whole
}

// wholeNumber spares the reader the decimals of a rate that is not small.
func wholeNumber(v float64) string {
	if v >= 100 {
		v = math.Round(v)
	}
	return number(v)
}

// signedPercent writes an error that may go either way, with two significant digits.
func signedPercent(share float64) string {
	text := percent(share)
	if math.Abs(share) >= 0.0995 {
		text = strconv.FormatFloat(share*100, 'f', 0, 64) + "%"
	}
	if share > 0 {
		return "+" + text
	}
	return text
}
