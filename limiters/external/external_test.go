package external

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/fcbench/fcbench/internal/rounds"
	"github.com/fcbench/fcbench/internal/units"
	"github.com/fcbench/fcbench/limiters"
	"github.com/fcbench/fcbench/limiters/conformance"
)

func config(algorithm string, words ...string) Config {
	c := DefaultConfig()
	c.Command, c.Algorithm, c.Timeout = command(words...), algorithm, units.Duration(time.Minute) // however busy the machine is
	c.Rate, c.Burst = units.Rate{Count: 10, Per: time.Second}, 3
	return c
}

func opened(t testing.TB, c Config) *Program {
	t.Helper()
	l, err := New(c)
	if err == nil {
		err = l.Open(t.Context())
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close(context.Background()) })
	return l
}

// TestConformance: what an honest program says arrives as it was said, for any
// key, and nothing is added.
func TestConformance(t *testing.T) {
	conformance.Run(t, func(t *testing.T) limiters.Limiter {
		return opened(t, config("gcra", "gcra"))
	}, limiters.Limit{Rate: 1, Period: 100 * time.Millisecond, Burst: 3}, conformance.Options{Concurrent: true, Decisions: rounds.Of(1_000)})
}

func TestInfo(t *testing.T) {
	l, err := New(config("gcra", "gcra"))
	if err != nil {
		t.Fatal(err)
	}
	want := limiters.Info{
		Algorithm: "gcra", Scope: "process", State: "the program's own", TimeSource: "argument",
		Limit: limiters.Limit{Rate: 10, Period: time.Second, Burst: 3},
	}
	if got := l.Info(); !reflect.DeepEqual(got, want) {
		t.Errorf("before Open: %+v; want %+v", got, want)
	}
	if err := l.Open(t.Context()); err != nil {
		t.Fatal(err)
	}
	want.Version, want.Lacks = "0.1", []string{"peek", "réserve"}
	if got := l.Info(); !reflect.DeepEqual(got, want) {
		t.Errorf("after Open: %+v; want %+v", got, want)
	}
	if got := l.Bound(time.Second); got != 13 {
		t.Errorf("Bound(1s) = %d; want 13", got)
	}
	if err := l.Close(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestWindowsTakeNoBurst(t *testing.T) {
	for _, algorithm := range []string{"fixed-window", "sliding-window-log", "sliding-window-counter"} {
		l, err := New(config(algorithm, "gcra"))
		if err != nil {
			t.Fatal(err)
		}
		if want := (limiters.Limit{Rate: 10, Period: time.Second}); l.Info().Limit != want || l.Info().Algorithm != algorithm {
			t.Errorf("%s: %+v; want %+v", algorithm, l.Info(), want)
		}
	}
}

func TestNewReportsAllProblems(t *testing.T) {
	_, err := New(Config{Command: "a | b", Algorithm: "gcra", Window: 1})
	for _, want := range []string{"command", "rate", "burst", "timeout"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("problems are %v; want one about the %s", err, want)
		}
	}
	c := config("gcra", "gcra")
	c.Window = units.Duration(time.Second)
	if _, err := New(c); err == nil || !strings.Contains(err.Error(), "window is 1s") {
		t.Errorf("a bucket with a window: %v", err)
	}
	if _, err := New(config("bucket")); err == nil || !strings.Contains(err.Error(), `algorithm is "bucket"`) {
		t.Errorf("an unknown algorithm: %v", err)
	}
}

// TestVirtualTimeNeedsArgumentTime: a program with a clock of its own cannot be
// moved, and says nothing of when it decided.
func TestVirtualTimeNeedsArgumentTime(t *testing.T) {
	c := config("gcra", "say", `{"hello":"fcbench.limiter/v1","time":"clock"}`, `{"allowed":true}`)
	l := opened(t, c)
	if d, err := l.Allow(t.Context(), 5, "k", 1); err != nil || d.At != limiters.Unknown || l.Info().TimeSource != limiters.TimeWallClock {
		t.Errorf("decided at %v (%v) by %s; want unknown, by the wall clock", d.At, err, l.Info().TimeSource)
	}
	c.InjectTime = true
	virtual, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	if err := virtual.Open(t.Context()); err == nil || !strings.Contains(err.Error(), "virtual time") {
		t.Errorf("Open in virtual time is %v; want an error", err)
	}
}

// TestRefusal: a program may say that it cannot decide, and goes on.
func TestRefusal(t *testing.T) {
	l := opened(t, config("gcra", "say", hi, `{"error":"no such tenant"}`, `{"allowed":true}`, `{"allowed":true}`))
	if _, err := l.Allow(t.Context(), 0, "k", 1); err == nil || !strings.Contains(err.Error(), "no such tenant") {
		t.Errorf("a refusal is %v; want its reason", err)
	}
	want := limiters.Decision{Allowed: true, At: 7, ResetAfter: limiters.Unknown, Remaining: -1}
	if d, err := l.Allow(t.Context(), 7, "k", 1); d != want || err != nil {
		t.Errorf("after a refusal: %+v, %v; want %+v", d, err, want)
	}
	want.At = 0
	if d, err := l.Allow(t.Context(), -7, "k", 1); d != want || err != nil {
		t.Errorf("before the start: %+v, %v; want %+v", d, err, want)
	}
}

// TestShaper: one who makes callers wait says for how long.
func TestShaper(t *testing.T) {
	l := opened(t, config("leaky-bucket-queue", "say", hi, `{"allowed":true,"delay_ns":100}`, `{"allowed":false,"delay_ns":1}`))
	if d, err := l.Allow(t.Context(), 0, "k", 1); !d.Allowed || d.Delay != 100 || err != nil || !l.Info().Shaper {
		t.Errorf("%+v, %v; want a grant after 100ns", d, err)
	}
	if _, err := l.Allow(t.Context(), 0, "k", 1); err == nil || !strings.Contains(err.Error(), "delay_ns stands beside") {
		t.Errorf("a delayed denial: %v; want an error", err)
	}
}

func TestCosts(t *testing.T) {
	l := opened(t, config("gcra", "say", `{"hello":"fcbench.limiter/v1","unweighted":true}`, `{"allowed":true}`))
	for _, n := range []int64{0, -1, 2} {
		if _, err := l.Allow(t.Context(), 0, "k", n); err == nil || !strings.Contains(err.Error(), "cost is") {
			t.Errorf("a cost of %d is %v; want an error", n, err)
		}
	}
	if d, err := l.Allow(t.Context(), 0, "k", 1); !d.Allowed || err != nil {
		t.Errorf("a cost of 1: %+v, %v", d, err)
	}
}

// TestManyCallers: they take turns, and each gets its own answer.
func TestManyCallers(t *testing.T) {
	l := opened(t, config("gcra", "gcra"))
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			for j := range 100 {
				now := time.Duration(i*1000 + j)
				if d, err := l.Allow(t.Context(), now, fmt.Sprint(i, j), 2); err != nil || !d.Allowed || d.At != now || d.Remaining != 1 {
					t.Errorf("caller %d: %+v, %v; want its own decision at %v", i, d, err, now)
				}
			}
		})
	}
	all.Wait()
}

func BenchmarkRoundTrip(b *testing.B) {
	l := opened(b, config("gcra", "gcra"))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := l.Allow(b.Context(), 0, "key", 1); err != nil {
			b.Fatal(err)
		}
	}
}

// TestUntoldInstant: an answer without at_ns is one as at now, for want of better,
// and from then on the limiter says so.
func TestUntoldInstant(t *testing.T) {
	untold := func(l *Program) bool { return slices.Contains(l.Info().Lacks, limiters.NoInstant) }
	for answer, want := range map[string]bool{
		`{"allowed":true}`:           true,
		`{"allowed":true,"at_ns":5}`: false,
		`{"error":"not today"}`:      false,
	} {
		l := opened(t, config("token-bucket", "say", `{"hello":"fcbench.limiter/v1"}`, answer))
		if untold(l) {
			t.Errorf("%s: it lacks the instant before it was asked", answer)
		}
		d, err := l.Allow(t.Context(), 5, "key", 1)
		if untold(l) != want || err == nil && d.At != 5 {
			t.Errorf("%s: lacks %v, as at %v (%v); want untold %v, as at 5", answer, l.Info().Lacks, d.At, err, want)
		}
	}
}

// TestToldAsWritten: a program is told the period that the user wrote, not the
// lowest terms of the rate; of a window that is its length.
func TestToldAsWritten(t *testing.T) {
	for _, tt := range []struct {
		algorithm, rate string
		window          units.Duration
		want            limiters.Limit
	}{
		{"token-bucket", "60/m", 0, limiters.Limit{Rate: 60, Period: time.Minute, Burst: 3}},
		{"gcra", "10000/30d", 0, limiters.Limit{Rate: 10000, Period: 720 * time.Hour, Burst: 3}},
		{"fixed-window", "60/m", 0, limiters.Limit{Rate: 60, Period: time.Minute}},
		{"sliding-window-log", "1/s", units.Duration(time.Minute), limiters.Limit{Rate: 60, Period: time.Minute}},
		{"sliding-window-counter", "0.1/s", 0, limiters.Limit{Rate: 1, Period: 10 * time.Second}},
	} {
		c := config(tt.algorithm, "gcra")
		c.Rate, _ = units.ParseRate(tt.rate)
		c.Window = tt.window
		l, err := New(c)
		if err != nil {
			t.Fatal(err)
		}
		if l.Info().Limit != tt.want {
			t.Errorf("%s:%s:%v is told %+v; want %+v", tt.algorithm, tt.rate, tt.window, l.Info().Limit, tt.want)
		}
	}
}

// TestCannotDoThat tells what a program says that it cannot do from what is wrong with it.
func TestCannotDoThat(t *testing.T) {
	refusing, err := New(config("gcra", "say", `{"error":"burst must be below 3"}`))
	if err != nil {
		t.Fatal(err)
	}
	if err := refusing.Open(t.Context()); !errors.Is(err, errors.ErrUnsupported) {
		t.Errorf("a limit that it refuses is %v; want unsupported", err)
	}
	broken, err := New(config("gcra", "say", `{"hello":"fcbench.limiter/v2"}`))
	if err != nil {
		t.Fatal(err)
	}
	if err := broken.Open(t.Context()); err == nil || errors.Is(err, errors.ErrUnsupported) {
		t.Errorf("another protocol is %v; want an error that is not unsupported", err)
	}
	l := opened(t, config("gcra", "say", hi, `{"error":"no such tenant"}`, `nonsense`))
	if _, err := l.Allow(t.Context(), 0, "k", 1); !errors.Is(err, errors.ErrUnsupported) {
		t.Errorf("a request that it refuses is %v; want unsupported", err)
	}
	if _, err := l.Allow(t.Context(), 0, "k", 1); err == nil || errors.Is(err, errors.ErrUnsupported) {
		t.Errorf("nonsense is %v; want an error that is not unsupported", err)
	}
}

// TestWindowsThatBeginElsewhere: nobody else knows then in which window a decision was taken.
func TestWindowsThatBeginElsewhere(t *testing.T) {
	answer := `{"allowed":true,"at_ns":5}`
	for windows, want := range map[string]time.Duration{
		`"start"`: 5, `"epoch"`: limiters.Unknown, `"first"`: limiters.Unknown,
	} {
		l := opened(t, config("fixed-window", "say", `{"hello":"fcbench.limiter/v1","windows":`+windows+`}`, answer))
		d, err := l.Allow(t.Context(), 7, "k", 1)
		if err != nil || d.At != want || `"`+l.Info().Windows+`"` != windows {
			t.Errorf("windows from %s: decided at %v, %v; windows are said to begin from %q", windows, d.At, err, l.Info().Windows)
		}
	}
}

// TestPrefix: no two programs are told the same, and one that is given is handed on.
func TestPrefix(t *testing.T) {
	prefix := func(given string) string {
		c := config("gcra", "echo")
		c.Prefix = given
		l, err := New(c)
		if err != nil {
			t.Fatal(err)
		}
		_, quoted, _ := strings.Cut(l.Open(t.Context()).Error(), "it cannot do that: ")
		line, err := strconv.Unquote(quoted)
		var hello struct{ Prefix string }
		if err == nil {
			err = json.Unmarshal([]byte(line), &hello)
		}
		if err != nil {
			t.Fatal(err)
		}
		return hello.Prefix
	}
	if got := prefix("run:7:"); got != "run:7:" {
		t.Errorf("prefix is %q; want the one that was given", got)
	}
	if a, b := prefix(""), prefix(""); a == b || len(a) < 20 {
		t.Errorf("prefixes are %q and %q; want one for each program", a, b)
	}
}
