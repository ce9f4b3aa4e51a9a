package units

import (
	"math"
	"strings"
	"time"
)

const (
	day = 24 * time.Hour

	wantDuration = "a duration of at most 292 years, such as 250ms, 1.5s, 2m or 1d12h"
)

// ParseDuration reads a duration: Go's syntax, which may begin with a number
// of days ("1d12h"), or 0. Any other number needs a unit.
func ParseDuration(text string) (Duration, error) {
	if text == "0" {
		return 0, nil
	}
	if strings.HasPrefix(text, "-") {
		return 0, problem("duration", text, "0 or more")
	}
	if _, rest, ok := parseDecimal(text); ok && rest == "" {
		return 0, problem("duration", text, "a unit, such as %ss", text)
	}
	days, rest, found := strings.Cut(text, "d")
	if !found {
		days, rest = "0", text
	}
	whole, okDays := parseDays(days)
	part, okPart := parseGoDuration(rest)
	if found && rest == "" {
		part, okPart = 0, true
	}
	if !okDays || !okPart || whole > math.MaxInt64-part {
		return 0, problem("duration", text, wantDuration)
	}
	return Duration(whole + part), nil
}

// parseDays reads a number of days, rounded down to the nanosecond as Go does.
func parseDays(text string) (time.Duration, bool) {
	d, rest, ok := parseDecimal(text)
	if !ok || rest != "" {
		return 0, false
	}
	d, ok = d.times(int64(day))
	return time.Duration(d.num / d.den), ok
}

func parseGoDuration(text string) (time.Duration, bool) {
	if strings.HasPrefix(text, "+") || strings.HasPrefix(text, "-") {
		return 0, false
	}
	d, err := time.ParseDuration(text)
	return d, err == nil
}

// String writes the duration without empty parts: "1d12h", "90s" as "1m30s",
// "1.5ms". [ParseDuration] reads it back unchanged.
func (d Duration) String() string {
	t := time.Duration(d)
	if t < day {
		return trimZeros(t.String())
	}
	days := formatScaled(int64(t/day), nil) + "d"
	if t%day == 0 {
		return days
	}
	return days + trimZeros((t % day).String())
}

// trimZeros drops the empty minutes and seconds that Go writes ("1h0m0s") and
// its non-ASCII micro sign.
func trimZeros(s string) string {
	s = strings.Replace(s, "µ", "u", 1)
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	return strings.Replace(s, "h0m", "h", 1)
}

// Std returns the duration as the standard library's type.
func (d Duration) Std() time.Duration { return time.Duration(d) }

// MarshalText writes the duration as String does.
func (d Duration) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads the duration as ParseDuration does.
func (d *Duration) UnmarshalText(text []byte) (err error) {
	*d, err = ParseDuration(string(text))
	return err
}
