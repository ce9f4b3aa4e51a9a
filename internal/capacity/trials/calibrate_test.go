package trials

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fcbench/fcbench/internal/capacity"
	"github.com/fcbench/fcbench/internal/echo"
	"github.com/fcbench/fcbench/internal/experiment"
	"github.com/fcbench/fcbench/internal/guards"
	"github.com/fcbench/fcbench/internal/strictyaml"
	"github.com/fcbench/fcbench/results"
)

func TestMain(m *testing.M) {
	if echo.Called() {
		if err := echo.Main(os.Stdin, os.Stdout); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	for name, value := range map[string]string{
		"GORACE":            "atexit_sleep_ms=0", // or each process rests for a second under the race detector
		"FCBENCH_TEST_HOST": "http://127.0.0.1:1",
	} {
		if err := os.Setenv(name, value); err != nil {
			panic(err)
		}
	}
	os.Exit(m.Run())
}

// makerOf makes trials in real time of a subject under some arrivals.
func makerOf(t *testing.T, arrivals, subject string) *Maker {
	t.Helper()
	doc, err := strictyaml.Parse("x", []byte(`
name: x
workload: {arrivals: `+arrivals+`, keys: {kind: uniform, n: 10}}
thresholds: ["response.ok.p99 < 20ms"]
max_rate: 100/s
hooks: {prepare: "false"}
abort: {on: ["outcomes.failed.share > 1%"]}
subjects: [`+subject+`]
`))
	if err != nil {
		t.Fatal(err)
	}
	m, err := New(doc, "rate")
	if err != nil {
		t.Fatal(err)
	}
	m.World, m.Time = experiment.NewWorld("", func(string) {}), results.Real
	t.Cleanup(func() {
		if err := m.World.Close(); err != nil {
			t.Error(err)
		}
	})
	return m
}

// TestCalibrate: the same work goes to what does nothing, over the target's own protocol where there
// is such a thing. Nothing reaches the target, which is not there.
func TestCalibrate(t *testing.T) {
	for name, c := range map[string]struct {
		arrivals, subject string
		against           string
		differs           []string
		shared            bool
	}{
		"http":     {"constant:10/s", `{target: {kind: http, url: "http://127.0.0.1:1/a?key={key}", ok: [404], check: {body: x}, connections: 4}}`, "an HTTP service", nil, true},
		"https":    {"poisson:10/s", `{target: {kind: http, url: "https://127.0.0.1:1/{key}", tls: {insecure: true}}, name: a}`, "an HTTP service", []string{"without TLS"}, true},
		"far away": {"poisson:10/s", `{target: {kind: http, url: "http://192.0.2.1/", engine: portable, method: POST, body: "{key}"}}`, "an HTTP service", nil, false},
		"by name":  {"poisson:10/s", `{target: {kind: http, url: "${FCBENCH_TEST_HOST}/a"}}`, "an HTTP service", nil, true},
		"tcp":      {"poisson:10/s", `{target: {kind: tcp, address: "127.0.0.1:1", message: "{key}", refusal: "k", framing: u32}}`, "a TCP service", nil, true},
		"limiter":  {"burst:10/s", `{limiter: {kind: gcra, rate: 1/s, burst: 1}}`, "in this process", []string{"with arrivals that are poisson, not burst"}, true},
		"pipeline": {"{kind: sine, rate: 10/s}", `{pipeline: drop-newest}`, "in this process", []string{"with arrivals that are poisson, not sine"}, true},
		"redis":    {"poisson:10/s", `{limiter: {kind: redis-gcra, rate: 1/s, burst: 1}}`, "in this process", []string{"without the client of redis-gcra"}, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := makerOf(t, c.arrivals, c.subject)
			o, err := m.Measure(t.Context(), capacity.Trial{Phase: capacity.Calibrate, Value: 1, Length: time.Nanosecond, Seed: 3})
			if err != nil || o.Calibration == nil {
				t.Fatalf("%+v, %v; want it calibrated", o, err)
			}
			got := o.Calibration
			if !strings.Contains(got.Against, c.against) || !slices.Equal(got.Differs, c.differs) || got.Shared != c.shared || o.Took <= 0 || len(o.Goals) > 0 {
				t.Errorf("%+v; want it with %q, %q, on this machine %t", got, c.against, c.differs, c.shared)
			}
			if kept := got.Most == 1000 && got.Missed == 0; !kept && (got.Missed != 1000 || got.Why == "") { // whichever this machine does just now
				t.Errorf("%+v; want 1,000/s to be kept up with, or why not", got)
			}
		})
	}
}

// TestCalibrationIsGuarded, and ends when it is interrupted.
func TestCalibrationIsGuarded(t *testing.T) {
	m := makerOf(t, "poisson:10/s", "{target: noop}")
	m.Guards = guards.New(time.Minute, &once{asked: true})
	calibration := capacity.Trial{Phase: capacity.Calibrate, Length: time.Minute}
	var no *guards.Tripped
	if _, err := m.Measure(t.Context(), calibration); !errors.As(err, &no) {
		t.Errorf("%v; want what the guard says", err)
	}
	m.Guards = nil
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := m.Measure(ctx, calibration); !errors.Is(err, context.Canceled) {
		t.Errorf("%v; want that it was interrupted", err)
	}
}

// TestKeptUpWith: the generator kept up in a run where nearly all was answered, and half of it soon,
// whatever a moment without a core did to the rest.
func TestKeptUpWith(t *testing.T) {
	for want, change := range map[string]func(*results.Run){
		"": func(r *results.Run) {
			r.Latency.Response["ok"].P99NS = 90e6
			r.Validity = results.Validity{Verdict: results.Invalid, Reasons: []string{"generator late: send delay p99 90ms"}}
		},
		"989 of 1000 were answered": func(r *results.Run) { r.Outcomes["ok"] = 989 },
		"0 of 1000 were answered":   func(r *results.Run) { r.Outcomes["ok"], r.Latency.Response = 0, nil },
		"response.ok.p50 is 6ms":    func(r *results.Run) { r.Latency.Response["ok"].P50NS = 6e6 },
	} {
		run := flat(1)
		run.Outcomes["ok"] = 991
		run.Latency.Response = map[string]*results.Latency{"ok": {Count: 991, P50NS: 4e6, P99NS: 9e6}}
		if change(run); !strings.Contains(judged(run).why, want) || want == "" && judged(run).why != "" {
			t.Errorf("it is %q; want %q", judged(run).why, want)
		}
	}
}

func TestRedirected(t *testing.T) {
	for url, want := range map[string]string{
		"http://a:80/p?q={key}":     "http://1.1.1.1:9/p?q={key}",
		"https://a":                 "http://1.1.1.1:9",
		"HTTP://a/b":                "http://1.1.1.1:9/b",
		"http://a?q":                "http://1.1.1.1:9?q",
		"http://a{path}":            "http://1.1.1.1:9{path}",
		"http://a/b{path}":          "http://1.1.1.1:9/b{path}",
		"http://[::1]:80{key}":      "http://1.1.1.1:9{key}",
		"http://${HOST}:80/${P}":    "http://1.1.1.1:9/${P}",
		"${BASE}/a":                 "http://1.1.1.1:9/a",
		"${BASE}{path}":             "http://1.1.1.1:9{path}",
		"http://${A}.${B}{key}":     "http://1.1.1.1:9{key}",
		"${BASE}":                   "http://1.1.1.1:9",
		"http://a/http://b/${C}{x}": "http://1.1.1.1:9/http://b/${C}{x}",
		"${BASE}/http://b":          "http://1.1.1.1:9/http://b",
	} {
		if got := redirected(url, "1.1.1.1:9"); got != want {
			t.Errorf("%s becomes %s; want %s", url, got, want)
		}
	}
}

func TestOwnAddress(t *testing.T) {
	for address, want := range map[string]bool{
		"127.0.0.1:80": true, "[::1]:80": true, "localhost:80": true, "/run/redis.sock": true, "redis://me:pw@127.0.0.1:6379/": true,
		"[::ffff:127.0.0.1]:80": true, "192.0.2.1:80": false, "staging:80": false, "redis://192.0.2.1:6379": false, "": false,
	} {
		if got := ownAddress(address); got != want {
			t.Errorf("%q is of this machine: %t; want %t", address, got, want)
		}
	}
	addrs, err := net.InterfaceAddrs()
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range addrs {
		host, _, _ := strings.Cut(a.String(), "/")
		if !ownAddress(net.JoinHostPort(host, "80")) {
			t.Errorf("%s is not of this machine; want it", host)
		}
	}
}
