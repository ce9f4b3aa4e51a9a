package units

import (
	"errors"
	"math"
	"math/big"
	"strings"
	"testing"
	"time"
)

func TestParseRate(t *testing.T) {
	tests := []struct {
		text  string
		want  Rate
		write string
	}{
		{"100", Rate{Count: 100, Per: time.Second}, "100/s"},
		{"100/s", Rate{Count: 100, Per: time.Second}, "100/s"},
		{"60/m", Rate{Count: 60, Per: time.Minute}, "60/m"},
		{"60/1m", Rate{Count: 60, Per: time.Minute}, "60/m"},
		{"60/60s", Rate{Count: 60, Per: time.Minute}, "60/m"},
		{"3600/h", Rate{Count: 3600, Per: time.Hour}, "3600/h"},
		{"10000/30d", Rate{Count: 10000, Per: 30 * 24 * time.Hour}, "10k/30d"},
		{"0.1/s", Rate{Count: 1, Per: 10 * time.Second}, "1/10s"},
		{"2.5/m", Rate{Count: 5, Per: 2 * time.Minute}, "5/2m"},
		{"1.5k/s", Rate{Count: 1500, Per: time.Second}, "1500/s"},
		{"1.5k/m", Rate{Count: 1500, Per: time.Minute}, "1500/m"},
		{"2k", Rate{Count: 2000, Per: time.Second}, "2k/s"},
		{"1M/s", Rate{Count: 1e6, Per: time.Second}, "1M/s"},
		{"5G", Rate{Count: 5e9, Per: time.Second}, "5G/s"},
		{"10/250ms", Rate{Count: 10, Per: 250 * time.Millisecond}, "10/250ms"},
		{"1/d", Rate{Count: 1, Per: 24 * time.Hour}, "1/d"},
		{"1/7s", Rate{Count: 1, Per: 7 * time.Second}, "1/7s"},
		{"3/1h30m", Rate{Count: 3, Per: 90 * time.Minute}, "3/1h30m"},
		{"3000001/s", Rate{Count: 3000001, Per: time.Second}, "3000001/s"},
		{"1_000/s", Rate{Count: 1000, Per: time.Second}, "1k/s"},
		{"1/us", Rate{Count: 1, Per: time.Microsecond}, "1/1us"},
		{"1/ns", Rate{Count: 1, Per: 1}, "1/1ns"},
		{"0/s", Rate{Per: time.Second}, "0/s"},
		{"0/m", Rate{Per: time.Minute}, "0/m"},
		{"max", Rate{Unlimited: true}, "max"},
		{"9223372036854775807/ns", Rate{Count: math.MaxInt64, Per: 1}, "9223372036854775807/1ns"},
		{"1.00000000000000000000/s", Rate{Count: 1, Per: time.Second}, "1/s"},
	}
	for _, tt := range tests {
		got, err := ParseRate(tt.text)
		if err != nil || got != tt.want {
			t.Errorf("ParseRate(%q) = %+v, %v; want %+v", tt.text, got, err, tt.want)
		}
		if got.String() != tt.write {
			t.Errorf("ParseRate(%q).String() = %q; want %q", tt.text, got.String(), tt.write)
		}
	}
}

func TestParseRateRefuses(t *testing.T) {
	tests := []struct{ text, want string }{
		{"", "want a rate"},
		{"-1/s", "want 0 or more"},
		{"1e12/s", "want a rate"},
		{"100m", "want a rate"},
		{"100/", "want a rate"},
		{"100/0s", "want a period above 0"},
		{"100/-1s", "want a rate"},
		{"100/30", "want a rate"},
		{"100/min", "want a rate"},
		{"/s", "want a rate"},
		{"5./s", "want a rate"},
		{".5/s", "want a rate"},
		{"1__0", "want a rate"},
		{"1 /s", "want a rate"},
		{"Max", "want a rate"},
		{"99999999999999999999/s", "want at most 18 digits"},
		{"99999999999G/s", "want at most 9223372036854775807 events"},
		{"0.000000001/d", "want one that is a whole number in at most 292 years"},
	}
	for _, tt := range tests {
		_, err := ParseRate(tt.text)
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("ParseRate(%q) error = %v; want %q", tt.text, err, tt.want)
		}
		if want := `rate is "` + tt.text + `"; `; err != nil && !strings.HasPrefix(err.Error(), want) {
			t.Errorf("ParseRate(%q) error = %v; want it to begin with %q", tt.text, err, want)
		}
	}
}

func TestNewRate(t *testing.T) {
	if got, err := NewRate(10, time.Second); err != nil || got != (Rate{Count: 10, Per: time.Second}) {
		t.Errorf("NewRate(10, 1s) = %+v, %v", got, err)
	}
	for _, bad := range []struct {
		count  int64
		period time.Duration
	}{{-1, time.Second}, {1, 0}, {1, -1}} {
		if _, err := NewRate(bad.count, bad.period); err == nil {
			t.Errorf("NewRate(%d, %v) was accepted", bad.count, bad.period)
		}
	}
}

func TestRateForDisplay(t *testing.T) {
	tests := []struct {
		rate      Rate
		perSecond float64
		zero      bool
	}{
		{Rate{}, 0, true},
		{Rate{Per: 1}, 0, false},
		{Rate{Count: 1, Per: 10 * time.Second}, 0.1, false},
		{Rate{Unlimited: true}, math.Inf(1), false},
	}
	for _, tt := range tests {
		if got := tt.rate.PerSecond(); got != tt.perSecond {
			t.Errorf("%+v.PerSecond() = %v; want %v", tt.rate, got, tt.perSecond)
		}
		if got := tt.rate.IsZero(); got != tt.zero {
			t.Errorf("%+v.IsZero() = %v; want %v", tt.rate, got, tt.zero)
		}
	}
	if got := (Rate{}).String(); got != "" {
		t.Errorf("a rate that was not given is written %q; want nothing", got)
	}
	if got := (Rate{Count: 1}).String(); got != "1/0s" {
		t.Errorf("a rate without a period is written %q; want 1/0s", got)
	}
}

// roundTrips checks that v, written and read again, is v.
func roundTrips[T comparable](t *testing.T, v T, write func(T) ([]byte, error), read func(*T, []byte) error) {
	t.Helper()
	text, err := write(v)
	var again T
	err = errors.Join(err, read(&again, text))
	if err != nil || again != v {
		t.Errorf("%#v is written %q and read back as %#v, %v", v, text, again, err)
	}
}

func FuzzParseRate(f *testing.F) {
	for _, seed := range []string{"100", "1.5k/s", "10/250ms", "1/1d12h", "max", "0/s", "0.3/7ns", "9223372036854775807/ns"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		r, err := ParseRate(text)
		if err != nil {
			return
		}
		roundTrips(t, r, Rate.MarshalText, (*Rate).UnmarshalText)
		if !r.Unlimited && (r.Count < 0 || r.Per <= 0) {
			t.Errorf("ParseRate(%q) = %+v; want a count of 0 or more in a period above 0", text, r)
		}
	})
}

// FuzzRateIsExact compares the reader with rational arithmetic.
func FuzzRateIsExact(f *testing.F) {
	f.Add(uint32(15), uint8(1), int64(1e9))
	f.Add(uint32(1), uint8(6), int64(7))
	f.Fuzz(func(t *testing.T, digits uint32, places uint8, period int64) {
		want := new(big.Rat).SetFrac64(int64(digits), pow10(int(places%10)))
		text := want.FloatString(int(places%10)) + "/" + Duration(period).String()
		r, err := ParseRate(text)
		if err != nil {
			return
		}
		want.Quo(want, new(big.Rat).SetInt64(period))
		if got := big.NewRat(r.Count, int64(r.Per)); got.Cmp(want) != 0 {
			t.Errorf("ParseRate(%q) = %v; want %v events per ns", text, got, want)
		}
	})
}
