package units

import (
	"math"
	"strings"
	"testing"
)

func TestParseSize(t *testing.T) {
	tests := []struct {
		text  string
		want  Size
		write string
	}{
		{"0", 0, "0B"},
		{"512", 512, "512B"},
		{"512B", 512, "512B"},
		{"4KiB", 4096, "4KiB"},
		{"4Ki", 4096, "4KiB"},
		{"1.5KiB", 1536, "1536B"},
		{"1MB", 1e6, "1MB"},
		{"1M", 1e6, "1MB"},
		{"2kB", 2000, "2kB"},
		{"2KB", 2000, "2kB"},
		{"3GiB", 3 << 30, "3GiB"},
	}
	for _, tt := range tests {
		got, err := ParseSize(tt.text)
		if err != nil || got != tt.want || got.String() != tt.write {
			t.Errorf("ParseSize(%q) = %d (%v), %v; want %d (%s)", tt.text, int64(got), got, err, tt.want, tt.write)
		}
	}
}

func TestParseCount(t *testing.T) {
	tests := []struct {
		text  string
		want  Count
		write string
	}{
		{"0", 0, "0"},
		{"500", 500, "500"},
		{"10k", 10000, "10k"},
		{"10_000", 10000, "10k"},
		{"010", 10, "10"},
		{"1.5M", 1500000, "1500k"},
		{"1M", 1000000, "1M"},
	}
	for _, tt := range tests {
		got, err := ParseCount(tt.text)
		if err != nil || got != tt.want || got.String() != tt.write {
			t.Errorf("ParseCount(%q) = %d (%v), %v; want %d (%s)", tt.text, int64(got), got, err, tt.want, tt.write)
		}
	}
}

func TestSizesAndCountsRefuse(t *testing.T) {
	size := func(text string) error { _, err := ParseSize(text); return err }
	count := func(text string) error { _, err := ParseCount(text); return err }
	tests := []struct {
		parse      func(string) error
		text, want string
	}{
		{size, "", `size is ""; want a size in bytes`},
		{size, "4kib", "want a size in bytes"},
		{size, "-1B", "want 0 or more"},
		{size, "0.5B", "want a whole number"},
		{size, "99999999TiB", "want at most 9223372036854775807"},
		{count, "ten", `count is "ten"; want a count`},
		{count, "10m", "want a count"},
		{count, "1.5", "want a whole number"},
		{count, "_1", "want a count"},
		{count, "1_", "want a count"},
		{count, "99999999999999999999", "want at most 18 digits"},
	}
	for _, tt := range tests {
		if err := tt.parse(tt.text); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%q: error = %v; want %q", tt.text, err, tt.want)
		}
	}
}

func TestLargestNumbersRoundTrip(t *testing.T) {
	roundTrips(t, Size(math.MaxInt64), Size.MarshalText, (*Size).UnmarshalText)
	roundTrips(t, Count(math.MaxInt64), Count.MarshalText, (*Count).UnmarshalText)
}

func FuzzParseSize(f *testing.F) {
	f.Add("1.5KiB")
	f.Add("9TB")
	f.Fuzz(func(t *testing.T, text string) {
		if s, err := ParseSize(text); err == nil {
			roundTrips(t, s, Size.MarshalText, (*Size).UnmarshalText)
		}
	})
}

func FuzzParseCount(f *testing.F) {
	f.Add("10_000")
	f.Add("1.5M")
	f.Fuzz(func(t *testing.T, text string) {
		if c, err := ParseCount(text); err == nil {
			roundTrips(t, c, Count.MarshalText, (*Count).UnmarshalText)
		}
	})
}
