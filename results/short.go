package results

import (
	"strings"
	"time"
)

// Short writes d as headings and reasons have it: with at most four
// significant figures and without empty parts, as in "2.367ms" and "83h1m".
func Short(d time.Duration) string {
	step := time.Duration(1)
	switch {
	case d >= 100*time.Hour:
		step = time.Hour
	case d >= time.Hour:
		step = time.Minute
	case d >= time.Minute:
		step = time.Second
	default:
		for d/step >= 10_000 {
			step *= 10
		}
	}
	text := d.Round(step).String()
	if strings.HasSuffix(text, "m0s") {
		text = strings.TrimSuffix(text, "0s")
	}
	if strings.HasSuffix(text, "h0m") {
		text = strings.TrimSuffix(text, "0m")
	}
	return text
}
