package thirdparty_test

import (
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/fcbench/fcbench/internal/units"
	"github.com/fcbench/fcbench/limiters"
	"github.com/fcbench/fcbench/limiters/thirdparty"
)

func TestMain(m *testing.M) {
	// After a failed dial go-redis looks once a second whether its pool was closed.
	probe := "github.com/redis/go-redis/v9/internal/pool.(*ConnPool).tryDial"
	goleak.VerifyTestMain(m, goleak.IgnoreAnyFunction(probe))
}

// kind is a library in this process; window marks those without a burst.
type kind struct {
	name, module, time string
	window             bool
	bare               bool // runs with or without keys
	new                func(bucket limiters.Config, bare bool) (limiters.Limiter, error)
}

// kinds are all of them. Windows take the rate of the bucket.
func kinds() []kind {
	window := func(c limiters.Config) limiters.WindowConfig { return limiters.WindowConfig{Rate: c.Rate} }
	return []kind{
		{"x-time-rate", "golang.org/x/time", limiters.TimeArgument, false, true, func(c limiters.Config, bare bool) (limiters.Limiter, error) {
			return thirdparty.NewXTimeRate(thirdparty.XTimeRateConfig{Config: c, Bare: bare})
		}},
		{"uber", "go.uber.org/ratelimit", limiters.TimeArgument, false, true, func(c limiters.Config, bare bool) (limiters.Limiter, error) {
			return thirdparty.NewUber(thirdparty.UberConfig{Rate: c.Rate, Slack: c.Burst - 1, Bare: bare})
		}},
		{"failsafe-smooth", "github.com/failsafe-go/failsafe-go", limiters.TimeClock, false, true, func(c limiters.Config, bare bool) (limiters.Limiter, error) {
			return thirdparty.NewFailsafeSmooth(thirdparty.FailsafeSmoothConfig{Rate: c.Rate, Bare: bare})
		}},
		{"failsafe-bursty", "github.com/failsafe-go/failsafe-go", limiters.TimeClock, true, true, func(c limiters.Config, bare bool) (limiters.Limiter, error) {
			return thirdparty.NewFailsafeBursty(thirdparty.FailsafeBurstyConfig{WindowConfig: window(c), Bare: bare})
		}},
		{"slidingwindow", "github.com/RussellLuo/slidingwindow", limiters.TimeArgument, true, true, func(c limiters.Config, bare bool) (limiters.Limiter, error) {
			return thirdparty.NewSlidingwindow(thirdparty.SlidingwindowConfig{WindowConfig: window(c), Bare: bare})
		}},
		{"throttled", "github.com/throttled/throttled/v2", limiters.TimeArgument, false, false, func(c limiters.Config, _ bool) (limiters.Limiter, error) {
			return thirdparty.NewThrottled(thirdparty.ThrottledConfig{Config: c, Keys: thirdparty.DefaultThrottledConfig().Keys})
		}},
		{"ulule", "github.com/ulule/limiter/v3", limiters.TimeClock, true, false, func(c limiters.Config, _ bool) (limiters.Limiter, error) {
			return thirdparty.NewUlule(thirdparty.UluleConfig{WindowConfig: window(c)})
		}},
		{"sethvargo", "github.com/sethvargo/go-limiter", limiters.TimeWallClock, false, false, func(c limiters.Config, _ bool) (limiters.Limiter, error) {
			return thirdparty.NewSethvargo(c)
		}},
		{"httprate", "github.com/go-chi/httprate", limiters.TimeClock, true, false, func(c limiters.Config, _ bool) (limiters.Limiter, error) {
			return thirdparty.NewHttprate(window(c))
		}},
	}
}

// each runs f for each kind that is asked for, with a fresh limiter each time
// that f calls new.
func each(t *testing.T, want func(kind) bool, f func(t *testing.T, k kind)) {
	t.Helper()
	for _, k := range kinds() {
		if want(k) {
			t.Run(k.name, func(t *testing.T) { f(t, k) })
		}
	}
}

func any(kind) bool { return true }

func bucket(count int64, per time.Duration, burst int64) limiters.Config {
	return limiters.Config{Rate: units.Rate{Count: count, Per: per}, Burst: units.Count(burst)}
}

// make returns a limiter that is closed when the test ends.
func (k kind) make(t testing.TB, c limiters.Config, bare bool) limiters.Limiter {
	t.Helper()
	l, err := k.new(c, bare)
	if err != nil {
		t.Fatal(err)
	}
	if c, ok := l.(limiters.Closer); ok {
		t.Cleanup(func() {
			if err := c.Close(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
	return l
}

// must asks a limiter that must not fail.
func must(t testing.TB, l limiters.Limiter, now time.Duration, key string, n int64) limiters.Decision {
	t.Helper()
	d, err := l.Allow(t.Context(), now, key, n)
	if err != nil {
		t.Fatalf("%v: %d of %q: %v", now, n, key, err)
	}
	return d
}

// grants counts what is granted of single tokens at now, without end if all is.
func grants(t testing.TB, l limiters.Limiter, now time.Duration, key string) (granted int) {
	t.Helper()
	for granted < 1000 && must(t, l, now, key, 1).Allowed {
		granted++
	}
	return granted
}

func TestDescription(t *testing.T) {
	each(t, any, func(t *testing.T, k kind) {
		info := k.make(t, bucket(10, time.Second, 5), true).(limiters.Described).Info()
		want := limiters.Limit{Rate: 10, Period: time.Second, Burst: 5}
		switch {
		case k.window:
			want.Burst = 0
		case k.name == "failsafe-smooth":
			want.Burst = 1
		case k.name == "uber": // nothing limits its queue
			want.Burst = (1<<62 - 1) / int64(100*time.Millisecond)
		}
		if info.Limit != want {
			t.Errorf("limit is %+v; want %+v", info.Limit, want)
		}
		if info.Scope != "local" || info.State == "" || len(info.Lacks) == 0 || info.Unkeyed != k.bare {
			t.Errorf("described as %+v", info)
		}
		if info.TimeSource != k.time {
			t.Errorf("time source is %q; want %q", info.TimeSource, k.time)
		}
		if got := required(t, k.module); info.Version != got {
			t.Errorf("version is %s; go.mod requires %s", info.Version, got)
		}
	})
}

// required returns the version of module that go.mod requires.
func required(t *testing.T, module string) string {
	t.Helper()
	text, err := os.ReadFile("../../go.mod")
	if err != nil {
		t.Fatal(err)
	}
	found := regexp.MustCompile(`(?m)^\s*` + regexp.QuoteMeta(module) + ` (\S+)`).FindSubmatch(text)
	if found == nil {
		t.Fatalf("go.mod does not require %s", module)
	}
	return string(found[1])
}

// TestClaims holds each library to the algorithm of its documentation and to the
// most that this may admit in an instant and in a second.
func TestClaims(t *testing.T) {
	want := map[string]struct {
		algorithm       string
		instant, second int64
	}{
		"x-time-rate":     {"token-bucket", 5, 15},
		"uber":            {"leaky-bucket", 5, 15},
		"failsafe-smooth": {"leaky-bucket-meter", 1, 11},
		"failsafe-bursty": {"fixed-window", 10, 20},
		"slidingwindow":   {"sliding-window-counter", 10, 19},
		"throttled":       {"gcra", 5, 15},
		"ulule":           {"fixed-window", 10, 20},
		"sethvargo":       {"token-bucket", 5, 15},
		"httprate":        {"sliding-window-counter", 10, 19},
	}
	each(t, any, func(t *testing.T, k kind) {
		d, w := k.make(t, bucket(10, time.Second, 5), false).(limiters.Described), want[k.name]
		if got := d.Info().Algorithm; got != w.algorithm {
			t.Errorf("algorithm is %q; want %q", got, w.algorithm)
		}
		if instant, second := d.Bound(0), d.Bound(time.Second); instant != w.instant || second != w.second {
			t.Errorf("at most %d in an instant and %d in a second; want %d and %d", instant, second, w.instant, w.second)
		}
	})
}

func TestCosts(t *testing.T) {
	each(t, any, func(t *testing.T, k kind) {
		l := k.make(t, bucket(10, time.Second, 5), false)
		unweighted := l.(limiters.Described).Info().Unweighted
		for n, want := range map[int64]string{0: "cost is 0; want at least 1", -3: "cost is -3; want at least 1", 2: "want 1, the library has no other"} {
			d, err := l.Allow(t.Context(), 0, "key", n)
			if n == 2 && !unweighted {
				want = ""
			}
			if (want == "") != (err == nil) || err != nil && (!strings.Contains(err.Error(), want) || d != limiters.Decision{}) {
				t.Errorf("cost %d: %+v, %v; want %q", n, d, err, want)
			}
		}
		if _, err := l.Allow(t.Context(), limiters.Never, "key", 1); err == nil || !strings.Contains(err.Error(), "now is 2562047h") {
			t.Errorf("in 292 years: %v; want an error", err)
		}
	})
}

func TestConfigProblems(t *testing.T) {
	each(t, any, func(t *testing.T, k kind) {
		for _, tt := range []struct {
			config limiters.Config
			want   string
		}{
			{limiters.Config{Burst: 1}, "rate is not given"},
			{limiters.Config{Rate: units.Rate{Unlimited: true}, Burst: 1}, "rate is max; want a limit"},
			{bucket(2e9, time.Second, 1), "want at most 1/ns"},
			{bucket(0, time.Second, 1), "want more than 0"},
		} {
			if _, err := k.new(tt.config, false); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("%+v: %v; want %q", tt.config, err, tt.want)
			}
		}
	})
	_, e1 := thirdparty.NewUber(thirdparty.UberConfig{Slack: -1})
	_, e2 := thirdparty.NewThrottled(thirdparty.ThrottledConfig{Config: bucket(1, time.Second, 1), Keys: -1})
	_, e3 := thirdparty.NewUlule(thirdparty.UluleConfig{WindowConfig: limiters.WindowConfig{Rate: bucket(1, 1, 1).Rate}, CleanUp: -1})
	_, e4 := thirdparty.NewSethvargo(bucket(3, time.Second, 1))
	_, e5 := thirdparty.NewSlidingwindow(thirdparty.SlidingwindowConfig{WindowConfig: limiters.WindowConfig{Rate: bucket(1, time.Second, 1).Rate, Window: units.Duration(1e9 * time.Second)}})
	_, e6 := thirdparty.NewXTimeRate(thirdparty.XTimeRateConfig{Config: bucket(1, time.Second, 0)})
	for want, err := range map[string]error{
		"rate is not given; want one, such as 100/s\nslack is -1; want at least 0": e1,
		"keys is -1; want at least 1, or 0 for no limit":                           e2,
		"cleanup is -1ns; want at least 1ms, or 0 for none":                        e3,
		"burst is 1; want one that flows in within whole ns at a rate of 3/1s":     e4,
		"window is 277777h46m40s; want at most":                                    e5,
		"burst is 0; want at least 1":                                              e6,
	} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error is %v; want %q", err, want)
		}
	}
}
