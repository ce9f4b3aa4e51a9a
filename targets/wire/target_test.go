package wire_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/fcbench/fcbench/internal/dial"
	"github.com/fcbench/fcbench/internal/redistest"
	"github.com/fcbench/fcbench/internal/strictyaml"
	"github.com/fcbench/fcbench/results"
	"github.com/fcbench/fcbench/targets"
	"github.com/fcbench/fcbench/targets/conformance"
	"github.com/fcbench/fcbench/targets/wire"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// guarded is the dialer of a program that may reach this machine alone.
func guarded(t testing.TB) *dial.Dialer {
	t.Helper()
	d, err := dial.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func wantAll(t *testing.T, err error, parts ...string) {
	t.Helper()
	for _, p := range parts {
		if err == nil || !strings.Contains(err.Error(), p) {
			t.Errorf("error is %v; want it to say %s", err, p)
		}
	}
}

func TestHTTPConforms(t *testing.T) {
	handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "k3") {
			w.WriteHeader(http.StatusTooManyRequests)
		}
	})
	server, secure := httptest.NewServer(handler), httptest.NewTLSServer(handler)
	defer server.Close()
	defer secure.Close()
	conformance.Run(t, func(t *testing.T) targets.Target { return newHTTP(t, server.URL+"/{key}") })
	t.Run("TLS", func(t *testing.T) {
		conformance.Run(t, func(t *testing.T) targets.Target {
			return engined(t, wire.Auto, insecurely(secure.Listener.Addr().String()+"/{key}"))
		})
	})
}

func newHTTP(t *testing.T, url string) *wire.HTTP {
	t.Helper()
	h, err := wire.NewHTTP(wire.HTTPConfig{URL: url, Method: "GET"}, guarded(t))
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
		got := h.Do(t.Context(), nil, &targets.Request{})
		if got.Own, got.Watched = 0, false; got != want {
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
	h, err := wire.NewHTTP(wire.HTTPConfig{
		URL: server.URL + "/users/{key}", Method: "POST",
		Headers: map[string]strictyaml.Texts{"X-Client": {"a"}, "Host": {"staging.example"}},
	}, guarded(t))
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
	h := newHTTP(t, "http://127.0.0.1:"+redistest.FreePort(t))
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

func TestHTTPNamesEveryProblem(t *testing.T) {
	_, err := wire.NewHTTP(wire.HTTPConfig{URL: "localhost:80", Connections: -1, Engine: "fast"}, nil)
	wantAll(t, err, `url is "localhost:80"`, "connections is -1", `engine is "fast"; want auto, event or portable`)
	_, err = wire.NewHTTP(wire.HTTPConfig{URL: "http://127.0.0.1", Method: "GE T"}, nil)
	wantAll(t, err, `method is "GE T"`)
}
