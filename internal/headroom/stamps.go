package headroom

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"time"
)

// stamps reads the instants of one file, all of which are written alike. Seconds count
// from whenever; dates without a zone are taken for UTC: only distances matter.
type stamps struct {
	form  string // of the first
	known bool
}

// dates are the ways in which instants are written, beside seconds.
func dates() []string {
	return []string{time.RFC3339, "2006-01-02 15:04:05Z07:00", "2006-01-02T15:04:05", "2006-01-02 15:04:05", "2006-01-02 15:04", "2006-01-02"}
}

// The error is what is wanted instead.
func (s *stamps) parse(text string) (seconds float64, err error) {
	seconds, form, err := instant(text)
	if err != nil {
		return 0, err
	}
	if !s.known {
		s.form, s.known = form, true
	}
	if form != s.form {
		return 0, errors.New("it written as that of the first line")
	}
	return seconds, nil
}

// instant is one in seconds, and how it was written: "" for a number.
func instant(text string) (seconds float64, form string, err error) {
	if v, err := strconv.ParseFloat(text, 64); err == nil {
		switch {
		case math.IsNaN(v) || math.IsInf(v, 0):
			return 0, "", errors.New("a finite number of seconds")
		case math.Abs(v) >= tooManySeconds:
			return 0, "", fmt.Errorf("seconds, of which that would be %.3g years: is it milliseconds, or less?", math.Abs(v)/daysOfYear/86400)
		}
		return v, "", nil
	}
	for _, form := range dates() {
		if at, err := time.Parse(form, text); err == nil {
			return float64(at.Unix()) + float64(at.Nanosecond())/1e9, form, nil
		}
	}
	return 0, "", errors.New("an instant such as 2026-03-01T12:00:00Z, or seconds")
}

// tooManySeconds are those of three thousand years: the seconds since 1970 are fewer, its
// milliseconds are more.
const tooManySeconds = 1e11
