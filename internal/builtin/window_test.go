package builtin

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/fcbench/fcbench/internal/redisproc/redisproctest"
	"github.com/fcbench/fcbench/internal/strictyaml"
	"github.com/fcbench/fcbench/limiters"
)

// windows are the kinds in this process that count in windows: what a rate means to
// them depends on the period with which it was written.
var windows = []string{"fixed-window", "sliding-window-log", "sliding-window-counter", "ulule", "failsafe-bursty", "httprate", "slidingwindow"}

func named(t *testing.T, env Env, name string, arguments ...string) limiters.Limiter {
	t.Helper()
	l, _, err := Limiters(env).Build(name, func(into any) error {
		return strictyaml.DecodePositional(arguments, name, into).Err()
	})
	if err != nil {
		t.Fatalf("%s %v: %v", name, arguments, err)
	}
	return l
}

// TestWrittenPeriodIsTheWindow: 60/m is 60 in a minute, at once if need be, and not
// the one in a second to which the fraction can be reduced.
func TestWrittenPeriodIsTheWindow(t *testing.T) {
	for _, tt := range []struct {
		arguments []string
		limit     int64
		window    time.Duration
	}{
		{[]string{"60/m"}, 60, time.Minute},
		{[]string{"60/60s"}, 60, time.Minute},
		{[]string{"60/s", "1m"}, 3600, time.Minute},
		{[]string{"60/m", "1s"}, 1, time.Second},
		{[]string{"1k/30d"}, 1000, 720 * time.Hour},
		{[]string{"2.5/s"}, 5, 2 * time.Second},
		{[]string{"24/d"}, 24, 24 * time.Hour},
	} {
		for _, name := range windows {
			synctest.Test(t, func(t *testing.T) { // in which some read a clock
				l := named(t, Env{}, name, tt.arguments...)
				want := limiters.Limit{Rate: tt.limit, Period: tt.window}
				if got := l.(limiters.Described).Info().Limit; got != want {
					t.Errorf("%s %v enforces %+v; want %+v", name, tt.arguments, got, want)
				}
				if got := atOnce(t, l, tt.limit+1); got != tt.limit {
					t.Errorf("%s %v admitted %d at once; want %d", name, tt.arguments, got, tt.limit)
				}
			})
		}
	}
}

// TestWrittenPeriodOnRedis is the same of the scripts and the libraries there.
func TestWrittenPeriodOnRedis(t *testing.T) {
	server := redisproctest.Start(t)
	for _, name := range []string{
		"redis-fixed-window", "redis-sliding-window-log", "redis-sliding-window-log-zset", "redis-sliding-window-counter", "ulule-redis",
	} {
		for rate, want := range map[string]limiters.Limit{
			"60/h": {Rate: 60, Period: time.Hour}, "100/2d": {Rate: 100, Period: 48 * time.Hour},
		} {
			l := named(t, Env{Redis: server, Prefix: "fcbench:" + name + rate + ":"}, name, rate)
			if got := l.(limiters.Described).Info().Limit; got != want {
				t.Errorf("%s %s enforces %+v; want %+v", name, rate, got, want)
			}
			if err := l.(limiters.Opener).Open(t.Context()); err != nil {
				t.Fatal(err)
			}
			if got := atOnce(t, l, want.Rate+1); got != want.Rate {
				t.Errorf("%s %s admitted %d at once; want %d", name, rate, got, want.Rate)
			}
			Discard(l)
		}
	}
}

// atOnce is how many of the requests that come at once are admitted.
func atOnce(t *testing.T, l limiters.Limiter, requests int64) (admitted int64) {
	t.Helper()
	for range requests {
		d, err := l.Allow(t.Context(), 0, "key", 1)
		if err != nil {
			t.Fatal(err)
		}
		if d.Allowed {
			admitted++
		}
	}
	return admitted
}

// TestWindowOnRecord: what was in force is what is written down, never a window of 0.
func TestWindowOnRecord(t *testing.T) {
	for _, tt := range []struct{ name, arguments, want string }{
		{"fixed-window", "60/m", `{"rate":"60/m","window":"1m"`},
		{"fixed-window", "1/s:1m", `{"rate":"60/m","window":"1m"`},
		{"sliding-window-log", "10k/30d", `{"rate":"10k/30d","window":"30d"`},
		{"httprate", "0.1/s", `{"rate":"1/10s","window":"10s"`},
		{"redis-fixed-window", "60/m", `{"rate":"60/m","window":"1m"`},
		{"ulule-redis", "60/m", `{"rate":"60/m","window":"1m"`},
	} {
		_, config, err := Limiters(Env{}).Build(tt.name, func(into any) error {
			return strictyaml.DecodePositional(strings.Split(tt.arguments, ":"), tt.name, into).Err()
		})
		if got := string(strictyaml.Encode(config)); err != nil || !strings.HasPrefix(got, tt.want) {
			t.Errorf("%s:%s is recorded as\n%s(%v); want it to begin with\n%s", tt.name, tt.arguments, got, err, tt.want)
		}
	}
}
