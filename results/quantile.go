package results

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/fcbench/fcbench/internal/loglinear"
)

// A percentile is the smallest value that at least so many per cent of all do
// not exceed: the one of rank ⌈q·n⌉. While there are few values that is the last
// of them, as it must be: of eleven, the tenth has only 90.9 % below it.

var (
	p50 = loglinear.Quantile{Num: 1, Den: 2}
	p99 = loglinear.Quantile{Num: 99, Den: 100}
)

// maxDecimals of a percentile keep its denominator within 64 bits.
const maxDecimals = 16

// percentile reads "p99", or "p999" and "p99.9", which are one; name is how it is
// listed. ok is false for what does not look like a percentile, and the error
// says what is wrong with one that does.
func percentile(text string) (q loglinear.Quantile, name string, ok bool, err error) {
	digits, ok := strings.CutPrefix(text, "p")
	if !ok || strings.Trim(digits, "0123456789.") != "" || strings.Trim(digits, ".") == "" {
		return q, "", false, nil
	}
	whole, decimals, dotted := strings.Cut(digits, ".")
	if !dotted && len(digits) > 2 && strings.TrimRight(digits, "0") != "1" { // which would be 10, and is meant to be 100
		whole, decimals = digits[:2], digits[2:]
	}
	decimals = strings.TrimRight(decimals, "0")
	if len(whole) != 2 && !(dotted && len(whole) == 1) || len(decimals) > maxDecimals {
		return q, "", true, badPercentile(text)
	}
	den := uint64(100)
	for range decimals {
		den *= 10
	}
	num, err := strconv.ParseUint(whole+decimals, 10, 64)
	if err != nil || num == 0 {
		return q, "", true, badPercentile(text)
	}
	if len(whole) == 1 {
		whole = "0" + whole
	}
	return loglinear.Quantile{Num: num, Den: den}, "p" + whole + decimals, true, nil
}

// QuantileOf is the share of values below the metric at path, 0.99 of
// "response.ok.p99"; ok is false for what is no percentile of a histogram.
func QuantileOf(path string) (q float64, ok bool) {
	at := strings.LastIndex(path, ".p")
	if at < 0 {
		return 0, false
	}
	exact, _, ok, err := percentile(path[at+1:])
	return float64(exact.Num) / float64(exact.Den), ok && err == nil
}

func badPercentile(text string) error {
	return fmt.Errorf("percentile is %q; want two digits and then decimals, such as p05, p50, p99, or p999 for 99.9; min and max are the ends", text)
}

// ShareOf is the share of values that a percentile does not exceed: 0.999 for
// "p999" and "p99.9"; 0 for what is none, such as "max".
func ShareOf(name string) float64 {
	q, _, ok, err := percentile(name)
	if !ok || err != nil {
		return 0
	}
	return float64(q.Num) / float64(q.Den)
}
