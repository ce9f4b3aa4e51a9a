//go:build unix

package hooks

import (
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/fcbench/fcbench/internal/dial"
	"github.com/fcbench/fcbench/internal/redistest"
	"github.com/fcbench/fcbench/internal/units"
)

// serve answers the first requests with first, and those that follow with then.
func serve(t *testing.T, first, then int) (url string, asked *atomic.Int64) {
	t.Helper()
	asked = new(atomic.Int64)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		status := then
		if asked.Add(1) <= 3 {
			status = first
		}
		w.Header().Set("Location", "http://192.0.2.1/elsewhere")
		w.WriteHeader(status)
	}))
	t.Cleanup(s.Close)
	return s.URL, asked
}

func TestReadyByURL(t *testing.T) {
	t.Setenv("HTTP_PROXY", "http://192.0.2.1:3128") // is nobody's business
	for _, tt := range []struct{ first, then int }{{503, 200}, {404, 204}, {500, 302}} {
		url, asked := serve(t, tt.first, tt.then)
		if err := newHooks(t, Config{Ready: Ready{URL: url + "/health"}}).begin(t.Context()); err != nil || asked.Load() != 4 {
			t.Errorf("%+v: %v after %d requests; want ready with the fourth", tt, err, asked.Load())
		}
	}
	url, _ := serve(t, 503, 503)
	err := newHooks(t, Config{Ready: Ready{URL: url, Within: 20 * short}}).begin(t.Context())
	wantError(t, err, "ready", "not within 1s", "GET "+url+": 503 Service Unavailable")
}

func TestReadyByConnection(t *testing.T) {
	addr := "127.0.0.1:" + redistest.FreePort(t)
	l, err := net.Listen("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	if err := newHooks(t, Config{Ready: Ready{URL: "tcp://" + addr}}).begin(t.Context()); err != nil {
		t.Error(err)
	}
	l.Close()
	for _, scheme := range []string{"tcp", "http", "https"} {
		err := newHooks(t, Config{Ready: Ready{URL: scheme + "://" + addr, Within: 10 * short}}).begin(t.Context())
		wantError(t, err, "ready", "not within 500ms", "connection refused")
	}
}

// TestReadyMayNotReachOut: at once, not when the time is over.
func TestReadyMayNotReachOut(t *testing.T) {
	for _, url := range []string{"http://192.0.2.1/", "https://192.0.2.1:8443/x", "tcp://192.0.2.1:80"} {
		err := newHooks(t, Config{Ready: Ready{URL: url, Within: units.Duration(time.Hour)}}).begin(t.Context())
		var refused *dial.RefusedError
		if !errors.As(err, &refused) || !strings.Contains(err.Error(), "--allow-host 192.0.2.1") {
			t.Errorf("%s: %v; want it refused", url, err)
		}
	}
}

func TestProblems(t *testing.T) {
	with := func(change func(*Config)) Config {
		c := Defaults()
		change(&c)
		return c
	}
	for _, tt := range []struct {
		config Config
		want   []string
	}{
		{with(func(*Config) {}), []string{": hooks are empty; want one of prepare, ready, cleanup"}},
		{with(func(c *Config) { c.Prepare = " \n" }), []string{"prepare: prepare is blank; want something, or nothing at all"}},
		{with(func(c *Config) { c.Cleanup = "a\x00b" }), []string{"cleanup: cleanup holds a NUL; want text"}},
		{with(func(c *Config) { c.Prepare, c.Timeout = "x", 0 }), []string{"timeout: timeout is 0s; want more than 0"}},
		{with(func(c *Config) { c.Ready = Ready{Command: "x"} }), []string{"ready.within: ready.within is 0s; want more", "ready.every: ready.every is 0s; want more"}},
		{with(func(c *Config) { c.Ready.Command, c.Ready.URL = "x", "http://localhost/" }), []string{"ready: ready has a command and a url"}},
		{with(func(c *Config) { c.Ready.URL = "localhost:8080" }), []string{"ready.url: ready.url is not a URL that can be asked"}},
		{with(func(c *Config) { c.Ready.URL = "ftp://localhost/" }), []string{"ready.url: "}},
		{with(func(c *Config) { c.Ready.URL = "http://:80/" }), []string{"ready.url: "}},
		{with(func(c *Config) { c.Ready.URL = "http://a:s3cret@localhost/" }), []string{"ready.url: ready.url holds a user"}},
		{with(func(c *Config) { c.Ready.URL = "tcp://localhost" }), []string{"ready.url: ready.url is \"tcp://localhost\"; want a port"}},
		{with(func(c *Config) { c.Ready.URL = "tcp://localhost:1/x" }), []string{"ready.url: "}},
		{with(func(c *Config) { c.Ready.URL = "tcp://localhost:1" }), nil},
		{with(func(c *Config) { c.Ready.URL = "https://[::1]/health?x=1" }), nil},
		{with(func(c *Config) { c.Cleanup = "x" }), nil},
		{Config{Timeout: -1, Prepare: " "}, []string{"prepare: ", "timeout: timeout is -1ns", "ready.within: ", "ready.every: "}},
	} {
		problems := tt.config.Problems()
		ok := len(problems) == len(tt.want)
		for i := range min(len(problems), len(tt.want)) {
			ok = ok && strings.HasPrefix(problems[i].Key+": "+problems[i].Text, tt.want[i])
		}
		if !ok {
			t.Errorf("%+v: %q; want %q", tt.config, problems, tt.want)
		}
		if _, err := New(tt.config, nil); (err != nil) != (len(tt.want) > 0) || err != nil && strings.Contains(err.Error(), "s3cret") {
			t.Errorf("%+v: %v; want it refused exactly when something is wrong, and no secret", tt.config, err)
		}
	}
}
