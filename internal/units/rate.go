package units

import (
	"math"
	"strings"
	"time"
)

const wantRate = "a rate, such as 100/s, 6/m, 1.5k/s or 10/250ms"

// unlimited is how a rate without a bound is written.
const unlimited = "max"

// NewRate returns count events per period.
func NewRate(count int64, period time.Duration) (Rate, error) {
	if count < 0 || period <= 0 {
		text := formatScaled(count, decimalScales) + "/" + Duration(period).String()
		return Rate{}, problem("rate", text, "a count of 0 or more and a period above 0")
	}
	return Rate{Count: count, Per: period}, nil
}

// ParseRate reads a rate exactly: a number, which may have a fraction and one of the
// decimal prefixes k, M and G, and after a slash a unit (s, m, h, d, ms, us, ns)
// or a duration. Without a slash it is per second. "max" is unlimited. A rate
// of 0 is allowed: it is a pause. What is no whole number in the period written is one
// in the shortest multiple of it: 0.1/s is 1/10s.
func ParseRate(text string) (Rate, error) {
	if text == unlimited {
		return Rate{Unlimited: true}, nil
	}
	number, per, slash := strings.Cut(text, "/")
	period := time.Second
	if slash {
		var err error
		if period, err = parsePeriod(per); err != nil {
			return Rate{}, problem("rate", text, wantRate)
		}
	}
	d, prefix, ok := parseDecimal(number)
	if !ok {
		return Rate{}, problem("rate", text, "%s", notDecimal(number, wantRate))
	}
	factor, ok := factorOf(prefix, decimalScales)
	if !ok {
		return Rate{}, problem("rate", text, "%s", wantRate)
	}
	if d, ok = d.times(factor); !ok {
		return Rate{}, problem("rate", text, "at most %d events", int64(math.MaxInt64))
	}
	return ratio(text, d, period)
}

// ratio returns d events per period.
func ratio(text string, d decimal, period time.Duration) (Rate, error) {
	if period <= 0 {
		return Rate{}, problem("rate", text, "a period above 0")
	}
	per, ok := multiply(int64(period), d.den)
	if !ok {
		return Rate{}, problem("rate", text, "one that is a whole number in at most 292 years")
	}
	return NewRate(d.num, time.Duration(per))
}

// parsePeriod reads what stands after the slash: "m" is short for "1m".
func parsePeriod(text string) (time.Duration, error) {
	if text != "" && text[0] > '9' {
		text = "1" + text
	}
	d, err := ParseDuration(text)
	return time.Duration(d), err
}

// String writes the rate as [ParseRate] reads it, which reads it back unchanged.
// A rate that was not given is the empty string.
func (r Rate) String() string {
	switch {
	case r.Unlimited:
		return unlimited
	case r.IsZero():
		return ""
	}
	return formatScaled(r.Count, decimalScales) + "/" + r.period()
}

// period is what stands after the slash.
func (r Rate) period() string {
	switch r.Per {
	case time.Second:
		return "s"
	case time.Minute:
		return "m"
	case time.Hour:
		return "h"
	case day:
		return "d"
	}
	return Duration(r.Per).String()
}

// PerSecond is the rate in events per second, for display; +Inf when unlimited.
func (r Rate) PerSecond() float64 {
	switch {
	case r.Unlimited:
		return math.Inf(1)
	case r.Count == 0:
		return 0
	}
	return float64(r.Count) / r.Per.Seconds()
}

// IsZero reports whether the rate was not given. The rate 0/s was given.
func (r Rate) IsZero() bool { return r == Rate{} }

// MarshalText writes the rate as String does.
func (r Rate) MarshalText() ([]byte, error) { return []byte(r.String()), nil }

// UnmarshalText reads the rate as ParseRate does.
func (r *Rate) UnmarshalText(text []byte) (err error) {
	*r, err = ParseRate(string(text))
	return err
}
