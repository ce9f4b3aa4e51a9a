package generators

import (
	"bytes"
	"fmt"
	"math"
	"strconv"
	"time"
)

// The formats of traces and the fields of access logs that may be keys.
const (
	formatCLF   = "clf"
	formatVhost = "clf-vhost"
	formatCSV   = "csv"
	formatJSONL = "jsonl"

	keyClient  = "client"
	keyPath    = "path"
	keyUser    = "user"
	keyRequest = "request"
)

// begin chooses the parser, by the first line if the format was not given. It
// reports whether that line is done with: names of columns, or refused.
func (r *reader) begin(first []byte) (done bool) {
	if r.format == "" {
		r.format, r.guessed = detect(first), true
	}
	switch {
	case r.format == formatCLF || r.format == formatVhost:
		r.parse = (&clf{key: r.key, vhost: r.format == formatVhost}).parse
		return false
	case r.key != "":
		r.err = fmt.Errorf("key is %q, but %s is in format %s; want key for access logs alone%s", r.key, r.file, r.format, r.doubt())
		return true
	case r.format == formatJSONL:
		r.parse = parseJSON
		return false
	}
	f := &csv{}
	header, err := f.header(first)
	if err != nil {
		r.err = r.errorf("%w%s", err, r.doubt())
	}
	r.parse = f.parse
	return header || err != nil
}

func detect(first []byte) string {
	between := bytes.ReplaceAll(first, []byte("\t"), []byte(" "))
	logged := bytes.Contains(between, []byte(" [")) && bytes.Contains(between, []byte("] "))
	address := bytes.IndexByte([]byte("0123456789abcdef:"), first[min(1, len(first)-1)]) >= 0 // of a virtual host, in brackets
	switch {
	case first[0] == '{', first[0] == '[' && !(logged && address):
		return formatJSONL
	case logged:
		return formatCLF
	}
	return formatCSV
}

// traceTime reads seconds, rounded down to the nanosecond, or an RFC 3339 time:
// in nanoseconds, and what its last digit stands for.
func traceTime(text []byte) (at, unit int64, err error) {
	text = bytes.TrimSpace(text)
	whole, fraction, dotted := bytes.Cut(text, []byte("."))
	seconds, ok := digits(whole)
	if ok && seconds < 9.2e9 {
		nanos, ok := nanoseconds(fraction)
		if ok || !dotted {
			return seconds*1e9 + nanos, unitOf(len(fraction)), nil
		}
	}
	if t, err := time.Parse(time.RFC3339, string(text)); err == nil && t.Year() >= 1970 && t.Year() <= 2200 {
		return t.UnixNano(), unitOf(countDigits(fraction)), nil
	}
	return 0, 0, fmt.Errorf("t is %q; want seconds below 9.2e9, such as 1.25, or an RFC 3339 time", text)
}

// traceNanos reads a number of nanoseconds since a window began.
func traceNanos(text []byte) (int64, error) {
	text = bytes.TrimSpace(text)
	n, err := strconv.ParseInt(string(text), 10, 64)
	if err != nil || n < -maxNanos || n > maxNanos {
		return 0, fmt.Errorf("t_ns is %q; want a whole number of nanoseconds", text)
	}
	return n, nil
}

// maxNanos is so far from the largest number that differences are safe.
const maxNanos = math.MaxInt64 / 4

// unitOf is what the last of so many digits after the point of a second stands
// for, in nanoseconds.
func unitOf(digits int) int64 {
	unit := int64(1e9)
	for range min(digits, 9) {
		unit /= 10
	}
	return unit
}

// countDigits returns how many digits a text begins with.
func countDigits(text []byte) int {
	n := bytes.IndexFunc(text, func(r rune) bool { return r < '0' || r > '9' })
	if n < 0 {
		return len(text)
	}
	return n
}

// nanoseconds reads the digits after the point of a number of seconds.
func nanoseconds(fraction []byte) (n int64, ok bool) {
	n, ok = digits(fraction[:min(len(fraction), 9)])
	for range 9 - len(fraction) {
		n *= 10
	}
	if len(fraction) > 9 {
		_, ok = digits(fraction[9:min(len(fraction), 27)])
	}
	return n, ok
}

func traceCost(text []byte) (int64, error) {
	text = bytes.TrimSpace(text)
	if len(text) == 0 {
		return 1, nil
	}
	n, err := strconv.ParseInt(string(text), 10, 64)
	if err != nil || n < 1 || n > maxAmount {
		return 0, fmt.Errorf("cost is %q; want a whole number from 1 to 2^53-1", text)
	}
	return n, nil
}

// checkAttempt returns errNoArrival for an attempt that repeats an earlier one.
func checkAttempt(text []byte) error {
	n, ok := digits(bytes.TrimSpace(text))
	switch {
	case !ok:
		return fmt.Errorf("attempt is %q; want a whole number from 0", text)
	case n > 1:
		return errNoArrival
	}
	return nil
}

// digits reads a number of at most 18 digits.
func digits(text []byte) (n int64, ok bool) {
	if len(text) == 0 || len(text) > 18 {
		return 0, false
	}
	for _, c := range text {
		if c < '0' || c > '9' {
			return 0, false
		}
		n = 10*n + int64(c-'0')
	}
	return n, true
}
