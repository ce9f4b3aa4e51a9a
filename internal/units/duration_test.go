package units

import (
	"math"
	"strings"
	"testing"
	"time"
)

func TestParseDuration(t *testing.T) {
	tests := []struct {
		text  string
		want  time.Duration
		write string
	}{
		{"0", 0, "0s"},
		{"0s", 0, "0s"},
		{"30s", 30 * time.Second, "30s"},
		{"90s", 90 * time.Second, "1m30s"},
		{"60m", time.Hour, "1h"},
		{"1h5s", time.Hour + 5*time.Second, "1h5s"},
		{"1h10m", 70 * time.Minute, "1h10m"},
		{"10m", 10 * time.Minute, "10m"},
		{"10m10s", 10*time.Minute + 10*time.Second, "10m10s"},
		{"1d", day, "1d"},
		{"36h", 36 * time.Hour, "1d12h"},
		{"1d12h", 36 * time.Hour, "1d12h"},
		{"1.5d", 36 * time.Hour, "1d12h"},
		{"1.5ms", 1500 * time.Microsecond, "1.5ms"},
		{"7us", 7 * time.Microsecond, "7us"},
		{"7µs", 7 * time.Microsecond, "7us"},
		{"1d1ns", day + 1, "1d1ns"},
	}
	for _, tt := range tests {
		got, err := ParseDuration(tt.text)
		if err != nil || got.Std() != tt.want {
			t.Errorf("ParseDuration(%q) = %v, %v; want %v", tt.text, got, err, tt.want)
		}
		if got.String() != tt.write {
			t.Errorf("ParseDuration(%q).String() = %q; want %q", tt.text, got.String(), tt.write)
		}
	}
}

func TestParseDurationRefuses(t *testing.T) {
	tests := []struct{ text, want string }{
		{"30", `duration is "30"; want a unit, such as 30s`},
		{"1.5", `duration is "1.5"; want a unit, such as 1.5s`},
		{"-5s", `duration is "-5s"; want 0 or more`},
		{"", "want a duration"},
		{"d", "want a duration"},
		{"+5s", "want a duration"},
		{"1d-2h", "want a duration"},
		{"12h1d", "want a duration"},
		{"1d1d", "want a duration"},
		{"1d5", "want a duration"},
		{"5 s", "want a duration"},
		{"106752d", "at most 292 years"},
		{"106751d24h", "at most 292 years"},
		{"9999999999h", "at most 292 years"},
	}
	for _, tt := range tests {
		if _, err := ParseDuration(tt.text); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("ParseDuration(%q) error = %v; want %q", tt.text, err, tt.want)
		}
	}
}

func TestDurationRoundTrips(t *testing.T) {
	for _, d := range []Duration{0, 1, 999, 1001, 59e9, 60e9, 3600e9, 3601e9, 36000e9, 86400e9, 86401e9, math.MaxInt64} {
		roundTrips(t, d, Duration.MarshalText, (*Duration).UnmarshalText)
	}
}

func FuzzParseDuration(f *testing.F) {
	for _, seed := range []string{"0", "1d12h", "1.5ms", "106751d23h47m16.854775807s", "1h0m0s"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		d, err := ParseDuration(text)
		if err != nil {
			return
		}
		if d < 0 {
			t.Errorf("ParseDuration(%q) = %d; want 0 or more", text, d)
		}
		roundTrips(t, d, Duration.MarshalText, (*Duration).UnmarshalText)
		if std, err := time.ParseDuration(text); err == nil && std != d.Std() {
			t.Errorf("ParseDuration(%q) = %v; Go says %v", text, d, std)
		}
	})
}
