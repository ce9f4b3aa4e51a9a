package limiters

import (
	"strings"
	"testing"
	"time"

	"github.com/fcbench/fcbench/internal/units"
)

func TestBucketLimit(t *testing.T) {
	day := 24 * time.Hour
	tests := []struct {
		rate  units.Rate
		burst units.Count
		want  Limit
		errs  []string
	}{
		{units.Rate{Count: 100, Per: time.Second}, 20, Limit{100, time.Second, 20}, nil},
		{units.Rate{Count: 7, Per: 3 * time.Second}, 1, Limit{7, 3 * time.Second, 1}, nil},
		{units.Rate{Count: 10000, Per: 30 * day}, 1, Limit{10000, 30 * day, 1}, nil},
		{units.Rate{Count: 1e9, Per: time.Second}, 1 << 61, Limit{1e9, time.Second, 1 << 61}, nil}, // 1/ns
		{units.Rate{Count: 1, Per: 1}, 1 << 61, Limit{1, 1, 1 << 61}, nil},
		{units.Rate{}, 0, Limit{}, []string{"rate is not given; want one, such as 100/s", "burst is 0; want at least 1"}},
		{units.Rate{Unlimited: true}, -1, Limit{}, []string{"rate is max; want a limit", "burst is -1; want at least 1"}},
		{units.Rate{Count: 0, Per: time.Second}, 1, Limit{}, []string{"rate is 0/s; want more than 0"}},
		{units.Rate{Count: -5, Per: time.Second}, 1, Limit{}, []string{"rate is -5/s; want more than 0"}},
		{units.Rate{Count: 1e12, Per: time.Second}, 1, Limit{}, []string{"rate is 1000G/s; want at most 1/ns"}},
		{units.Rate{Count: 1, Per: day}, 60_000, Limit{}, []string{"burst is 60000; want at most 53375 at a rate of 1/24h0m0s"}},
		{units.Rate{Count: 1, Per: 1<<63 - 1}, 1, Limit{}, []string{"want at least one in 1281023h53m38.427387903s"}},
	}
	for _, tt := range tests {
		got, err := Config{tt.rate, tt.burst}.Limit()
		if got != tt.want {
			t.Errorf("limit of %+v burst %d is %+v; want %+v", tt.rate, tt.burst, got, tt.want)
		}
		mustSay(t, err, tt.errs)
	}
}

func TestWindowLimit(t *testing.T) {
	tests := []struct {
		rate   units.Rate
		window units.Duration
		want   Limit
		errs   []string
	}{
		{units.Rate{Count: 100, Per: time.Second}, 0, Limit{Rate: 100, Period: time.Second}, nil},
		{units.Rate{Count: 60, Per: time.Minute}, 0, Limit{Rate: 60, Period: time.Minute}, nil},
		{units.Rate{Count: 1, Per: 10 * time.Millisecond}, 0, Limit{Rate: 1, Period: 10 * time.Millisecond}, nil},
		{units.Rate{Count: 10000, Per: 720 * time.Hour}, 0, Limit{Rate: 10000, Period: 720 * time.Hour}, nil},
		{units.Rate{Count: 3, Per: 7 * time.Second}, 0, Limit{Rate: 3, Period: 7 * time.Second}, nil},
		{units.Rate{Count: 60, Per: time.Minute}, units.Duration(time.Second), Limit{Rate: 1, Period: time.Second}, nil},
		{units.Rate{Count: 60, Per: time.Minute}, units.Duration(time.Hour), Limit{Rate: 3600, Period: time.Hour}, nil},
		{units.Rate{Count: 1, Per: time.Second}, units.Duration(time.Minute), Limit{Rate: 60, Period: time.Minute}, nil},
		{units.Rate{Count: 1, Per: 1}, 1<<63 - 1, Limit{Rate: 1<<63 - 1, Period: 1<<63 - 1}, nil},
		{
			units.Rate{Count: 7, Per: 3 * time.Second},
			units.Duration(time.Second),
			Limit{},
			[]string{"window is 1s; want a multiple of 3s, so that a whole number may pass at 7/3s"},
		},
		{units.Rate{}, -1, Limit{}, []string{"rate is not given", "window is -1ns; want more than 0, or none"}},
	}
	for _, tt := range tests {
		got, err := WindowConfig{tt.rate, tt.window}.Limit()
		if got != tt.want {
			t.Errorf("limit of %+v in %v is %+v; want %+v", tt.rate, time.Duration(tt.window), got, tt.want)
		}
		mustSay(t, err, tt.errs)
	}
}

// mustSay wants an error with each of the texts, or none if there are none.
func mustSay(t *testing.T, err error, texts []string) {
	t.Helper()
	if len(texts) == 0 && err != nil {
		t.Errorf("error is %v; want none", err)
	}
	for _, text := range texts {
		if err == nil || !strings.Contains(err.Error(), text) {
			t.Errorf("error is %v; want %q in it", err, text)
		}
	}
}

func TestConstructorsValidate(t *testing.T) {
	_, e1 := NewTokenBucket(Config{})
	_, e2 := NewLeakyBucketMeter(Config{})
	_, e3 := NewGCRA(DefaultConfig())
	_, e4 := NewFixedWindow(WindowConfig{})
	_, e5 := NewSlidingWindowLog(WindowConfig{})
	_, e6 := NewSlidingWindowCounter(WindowConfig{})
	_, e7 := NewLeakyBucketQueue(Config{})
	_, e8 := NewConcurrency(ConcurrencyConfig{})
	for i, err := range []error{e1, e2, e3, e4, e5, e6, e7, e8} {
		if err == nil {
			t.Errorf("constructor %d took a config without a limit", i)
		}
	}
}
