package results

import (
	"math"
	"testing"
	"time"
)

func TestShort(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0:                         "0s",
		1:                         "1ns",
		1_500:                     "1.5µs",
		2_367_487:                 "2.367ms",
		1_210_000_007:             "1.21s",
		9_999_999_999:             "10s",
		59_999_999_999:            "1m",
		90*time.Second + 7:        "1m30s",
		12*time.Minute + 34567e6:  "12m35s",
		time.Hour:                 "1h",
		83*time.Hour + 59e9 + 1:   "83h1m",
		83*time.Hour + 1:          "83h",
		100*time.Hour + 31*60e9:   "101h",
		time.Duration(2_367_400):  "2.367ms",
		10 * time.Second:          "10s",
		1500 * time.Millisecond:   "1.5s",
		time.Duration(-2_000_000): "-2ms",
	} {
		if got := Short(d); got != want {
			t.Errorf("%d ns is %q; want %q", d, got, want)
		}
	}
}

// What is written must be read back as about the same.
func FuzzShort(f *testing.F) {
	for _, ns := range []int64{0, 1, 9999, 10_005, 59_999_999_999, 3600e9 - 1, 360_000e9, math.MaxInt64 / 2} {
		f.Add(ns)
	}
	f.Fuzz(func(t *testing.T, ns int64) {
		if ns < 0 || ns > math.MaxInt64/2 {
			return // not a time that is ever written
		}
		text := Short(time.Duration(ns))
		back, err := time.ParseDuration(text)
		if off := math.Abs(float64(back) - float64(ns)); err != nil || off > 0.0085*float64(ns) {
			t.Errorf("%d ns is %q, which is %d ns, %v", ns, text, back, err)
		}
	})
}
