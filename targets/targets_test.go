package targets_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/fcbench/fcbench/internal/strictyaml"
	"github.com/fcbench/fcbench/internal/units"
	"github.com/fcbench/fcbench/limiters"
	"github.com/fcbench/fcbench/results"
	"github.com/fcbench/fcbench/targets"
	"github.com/fcbench/fcbench/targets/conformance"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestNoopConforms(t *testing.T) {
	conformance.Run(t, func(*testing.T) targets.Target { return null(t) })
}

func TestLimiterConforms(t *testing.T) {
	for name, workers := range map[string]int{"inline": 0, "pooled": 4} {
		t.Run(name, func(t *testing.T) {
			conformance.Run(t, func(t *testing.T) targets.Target {
				return limiting(everyOther{}, targets.LimiterOptions{Workers: workers})
			})
		})
	}
}

func TestDelayConforms(t *testing.T) {
	conformance.Run(t, func(t *testing.T) targets.Target {
		d, err := targets.NewDelay(targets.DelayConfig{Service: units.Duration(3 * time.Millisecond), Servers: 2, Queue: 5})
		if err != nil {
			t.Fatal(err)
		}
		return d
	})
}

func TestHTTPConforms(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "k3") {
			w.WriteHeader(http.StatusTooManyRequests)
		}
	}))
	defer server.Close()
	conformance.Run(t, func(t *testing.T) targets.Target { return newHTTP(t, server.URL+"/{key}") })
}

func null(t *testing.T) targets.Target {
	t.Helper()
	noop, err := targets.NewNoop(struct{}{})
	if err != nil {
		t.Fatal(err)
	}
	return noop
}

// calling begins a trial and returns what may be called without a lane.
func calling(t *testing.T, target targets.Target) targets.Caller {
	t.Helper()
	if err := target.Begin(t.Context(), "t"); err != nil {
		t.Fatal(err)
	}
	return target.Info().Inline
}

// everyOther allows n = 1 of odd milliseconds and fails on key k5.
type everyOther struct{}

func (everyOther) Allow(_ context.Context, now time.Duration, key string, _ int64) (limiters.Decision, error) {
	if key == "k5" {
		return limiters.Decision{}, fmt.Errorf("limiter: key %s: %w", key, errors.New("no answer"))
	}
	return limiters.Decision{Allowed: now/time.Millisecond%2 == 1, At: now}, nil
}

func TestLimiterOutcomes(t *testing.T) {
	target := calling(t, limiting(everyOther{}, targets.LimiterOptions{}))
	for _, c := range []struct {
		now  time.Duration
		key  string
		want targets.Response
	}{
		{time.Millisecond, "a", targets.Response{Outcome: results.OK, Decided: time.Millisecond, Judged: true}},
		{2 * time.Millisecond, "a", targets.Response{Outcome: results.Rejected, Decided: 2 * time.Millisecond, Judged: true}},
		{0, "k5", targets.Response{Outcome: results.Failed, Cause: "no answer"}},
	} {
		if got := target.Do(t.Context(), standing().Clock, &targets.Request{Now: c.now, Key: c.key, Cost: 1}); got != c.want {
			t.Errorf("at %v, key %s: %+v; want %+v", c.now, c.key, got, c.want)
		}
	}
}

func newHTTP(t *testing.T, url string) *targets.HTTP {
	t.Helper()
	h, err := targets.NewHTTP(targets.HTTPConfig{URL: url, Method: "GET"}, (&net.Dialer{}).DialContext)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func TestHTTPStatuses(t *testing.T) {
	var status int
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status) }))
	defer server.Close()
	h := newHTTP(t, server.URL)
	defer h.Close(t.Context())
	for code, want := range map[int]targets.Response{
		200: {Outcome: results.OK}, 204: {Outcome: results.OK}, 302: {Outcome: results.OK},
		429: {Outcome: results.Rejected, Cause: "429"}, 503: {Outcome: results.Rejected, Cause: "503"},
		404: {Outcome: results.Failed, Cause: "status 404"}, 500: {Outcome: results.Failed, Cause: "status 500"},
	} {
		status, want.Status = code, uint16(code)
		if got := h.Do(t.Context(), nil, &targets.Request{}); got != want {
			t.Errorf("status %d: %+v; want %+v", code, got, want)
		}
	}
}

func TestHTTPSendsWhatItWasTold(t *testing.T) {
	var got string
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		got = fmt.Sprintf("%s %s %s %s %d", r.Method, r.URL.Path, r.Host, r.Header.Get("X-Client"), r.ContentLength)
	}))
	defer server.Close()
	h, err := targets.NewHTTP(targets.HTTPConfig{
		URL: server.URL + "/users/{key}", Method: "POST",
		Headers: map[string]strictyaml.Texts{"X-Client": {"a"}, "Host": {"staging.example"}},
	}, (&net.Dialer{}).DialContext)
	if err != nil {
		t.Fatal(err)
	}
	defer h.Close(t.Context())
	if r := h.Do(t.Context(), nil, &targets.Request{Key: "k 1", Size: 12}); r.Outcome != results.OK {
		t.Fatalf("response is %+v", r)
	}
	if want := "POST /users/k 1 staging.example a 12"; got != want {
		t.Errorf("the server saw %q; want %q", got, want)
	}
}

func TestHTTPFailures(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := listener.Addr().String()
	listener.Close()
	h := newHTTP(t, "http://"+addr)
	defer h.Close(t.Context())
	want := targets.Response{Outcome: results.Failed, Cause: syscall.ECONNREFUSED.Error()}
	if got := h.Do(t.Context(), nil, &targets.Request{}); got != want {
		t.Errorf("nobody listens: %+v; want %+v", got, want)
	}
	hang := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }))
	defer hang.Close()
	slow := newHTTP(t, hang.URL)
	defer slow.Close(t.Context())
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	if got := slow.Do(ctx, nil, &targets.Request{}); got.Outcome != results.TimedOut || got.Cause != "timeout" {
		t.Errorf("a server that never answers: %+v; want timed_out by timeout", got)
	}
}

func TestConstructorsNameEveryProblem(t *testing.T) {
	_, err := targets.NewHTTP(targets.HTTPConfig{URL: "localhost:80", Connections: -1}, nil)
	wantAll(t, err, `url is "localhost:80"`, "connections is -1")
	_, err = targets.NewDelay(targets.DelayConfig{Queue: -1})
	wantAll(t, err, "service is 0s", "servers is 0", "queue is -1")
	_, err = targets.NewHTTP(targets.HTTPConfig{URL: "http://127.0.0.1", Method: "GE T"}, nil)
	wantAll(t, err, `method is "GE T"`)
}

func wantAll(t *testing.T, err error, parts ...string) {
	t.Helper()
	for _, p := range parts {
		if err == nil || !strings.Contains(err.Error(), p) {
			t.Errorf("error is %v; want it to say %s", err, p)
		}
	}
}

func TestInlineTargetsAllocateNothing(t *testing.T) {
	ctx := t.Context()
	limiter := calling(t, limiting(everyOther{}, targets.LimiterOptions{}))
	for name, target := range map[string]targets.Caller{"noop": calling(t, null(t)), "limiter": limiter} {
		r := &targets.Request{Key: "a", Cost: 1}
		if n := testing.AllocsPerRun(1000, func() { target.Do(ctx, standing().Clock, r) }); n != 0 {
			t.Errorf("%s allocates %v times a request; want 0", name, n)
		}
	}
}

// TestDelayIsAQueue: 4 requests at once on one server of 3 ms with room for
// two more end at 3, 6 and 9 ms, and the fourth is shed.
func TestDelayIsAQueue(t *testing.T) {
	d, err := targets.NewDelay(targets.DelayConfig{Service: units.Duration(3 * time.Millisecond), Servers: 1, Queue: 2})
	if err != nil {
		t.Fatal(err)
	}
	lane := laneOf(t, d, standing())
	var got []string
	done := func(token uint32, at time.Duration, r *targets.Response) {
		got = append(got, fmt.Sprint(token, at, r.Outcome, r.Started))
	}
	for i := range uint32(4) {
		lane.Start(0, &targets.Request{Token: i}, done)
	}
	for now := time.Duration(0); now < time.Second; {
		now = lane.Poll(now, time.Second, done)
	}
	want := "[3 0s shed 0s 0 3ms ok 0s 1 6ms ok 3ms 2 9ms ok 6ms]"
	if fmt.Sprint(got) != want {
		t.Errorf("got  %v\nwant %v", got, want)
	}
}
