package gateway

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"github.com/fcbench/fcbench/internal/loglinear"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// bubble runs f with the gateway of a document in a bubble, where time is exact.
func bubble(t *testing.T, text string, f func(t *testing.T, g *Gateway)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		g, err := New(t.Context(), mustPlan(t, text), Outside{Clock: NewPlainClock(), Warn: func(m string) { t.Log(m) }})
		if err != nil {
			t.Fatal(err)
		}
		defer func() {
			if err := g.Close(context.Background()); err != nil {
				t.Error(err)
			}
		}()
		f(t, g)
	})
}

// ask sends a request into the gateway and returns its answer.
func ask(g *Gateway, target string, edit ...func(*http.Request)) *http.Response {
	r := httptest.NewRequest(http.MethodGet, target, nil)
	for _, e := range edit {
		e(r)
	}
	w := httptest.NewRecorder()
	defer func() { // of who has left package net/http is to close the connection
		if v := recover(); v != nil && v != http.ErrAbortHandler {
			panic(v)
		}
	}()
	g.ServeHTTP(w, r)
	return w.Result()
}

// header sets a field of a request.
func header(name, value string) func(*http.Request) {
	return func(r *http.Request) { r.Header.Set(name, value) }
}

// TestLimit: what is beyond the limit is refused, with when to come again, in whole
// seconds that are no shorter; each key has a limit of its own.
func TestLimit(t *testing.T) {
	bubble(t, "{limiter: gcra:1/3s:2, key: 'header:x-api-key'}", func(t *testing.T, g *Gateway) {
		a := header("X-Api-Key", "a")
		for i, want := range []struct {
			after           time.Duration
			status          int
			remaining, wait string
		}{{0, 200, "1", ""}, {0, 200, "0", ""}, {0, 429, "0", "3"}, {1500 * ms, 429, "0", "2"}, {500 * ms, 429, "0", "1"}, {999 * ms, 429, "0", "1"}, {ms, 200, "0", ""}} {
			time.Sleep(want.after)
			r := ask(g, "/", a)
			if r.StatusCode != want.status || r.Header.Get("Retry-After") != want.wait || fields(r)["X-RateLimit-Remaining"] != want.remaining {
				t.Errorf("answer %d is %d, %v; want %+v", i, r.StatusCode, r.Header, want)
			}
		}
		if r := ask(g, "/", header("X-Api-Key", "b")); r.StatusCode != 200 {
			t.Errorf("another key is answered with %d", r.StatusCode)
		}
		for range 3 {
			ask(g, "/")
		}
		if ok, no := g.Counts().Of(OK), g.Counts().Of(Rejected); ok != 6 || no != 5 || g.Counts().keyless.Load() != 3 {
			t.Errorf("%d ok, %d rejected, %d without a key; want 6, 5, 3", ok, no, g.Counts().keyless.Load())
		}
	})
}

// fields are those about the limit, as they are written.
func fields(r *http.Response) map[string]string {
	found := map[string]string{}
	for name, values := range r.Header {
		if strings.Contains(strings.ToLower(name), "ratelimit") || name == "Retry-After" {
			found[name] = strings.Join(values, "|")
		}
	}
	return found
}

// TestFields: the fields about the limit are those of the draft, for every kind of
// limit, and what is not known is left out.
func TestFields(t *testing.T) {
	for text, want := range map[string]map[string]string{
		"limiter: gcra:100/s:20":                           {"RateLimit-Policy": `"default";q=100;w=1;fcbench-burst=20`, "RateLimit": `"default";r=19;t=1`, "X-RateLimit-Limit": "20", "X-RateLimit-Remaining": "19", "X-RateLimit-Reset": "1"},
		"limiter: fixed-window:90/m":                       {"RateLimit-Policy": `"default";q=90;w=60`, "RateLimit": `"default";r=89;t=60`, "X-RateLimit-Limit": "90", "X-RateLimit-Remaining": "89", "X-RateLimit-Reset": "60"},
		"{limiter: gcra:10/250ms:5, headers: ratelimit}":   {"RateLimit-Policy": `"default";q=40;w=1;fcbench-burst=5`, "RateLimit": `"default";r=4;t=1`},
		"{limiter: gcra:5/1500ms:5, headers: x-ratelimit}": {"X-RateLimit-Limit": "5", "X-RateLimit-Remaining": "4", "X-RateLimit-Reset": "1"},
		"{limiter: gcra:5/1500ms:5, headers: none}":        {},
		"{limiter: concurrency:7, headers: ratelimit}":     {"RateLimit-Policy": `"default";q=7;qu="concurrent-requests"`, "RateLimit": `"default";r=6`},
		"{limiter: {kind: composite, limits: [{kind: gcra, rate: 10/s, burst: 5}, {kind: gcra, rate: 100/m, burst: 50}]}}": {"RateLimit-Policy": `"default";q=100;w=60;fcbench-burst=50, "also-1";q=10;w=1;fcbench-burst=5`},
	} {
		bubble(t, text, func(t *testing.T, g *Gateway) {
			if got := fields(ask(g, "/")); fmt.Sprint(got) != fmt.Sprint(want) {
				t.Errorf("%s: fields are %v; want %v", text, got, want)
			}
		})
	}
}

// TestMoreToBeHad: t is when there will be more, and of refusals no later than when to
// come again (section 5 of the draft), whatever limits; the older field says when all is
// there again.
func TestMoreToBeHad(t *testing.T) {
	bubble(t, "limiter: gcra:1/2s:100", func(t *testing.T, g *Gateway) {
		for range 60 {
			ask(g, "/")
		}
		time.Sleep(1100 * ms)
		if got := fields(ask(g, "/")); got["RateLimit"] != `"default";r=39;t=1` || got["X-RateLimit-Reset"] != "121" {
			t.Errorf("fields are %v; want 39 remaining, one more within 1s, and all within 121s", got)
		}
	})
	for _, limiter := range []string{"gcra:1/3s:2", "token-bucket:1/3s:2", "fixed-window:2/7s", "sliding-window-log:2/7s", "sliding-window-counter:2/7s", "leaky-bucket-meter:1/3s:2"} {
		bubble(t, "limiter: "+limiter, func(t *testing.T, g *Gateway) {
			refused := 0
			for range 40 {
				r := ask(g, "/")
				if r.StatusCode == http.StatusTooManyRequests {
					refused++
					if field, wait := fields(r)["RateLimit"], r.Header.Get("Retry-After"); wait == "" || !strings.HasSuffix(field, ";t="+wait) {
						t.Errorf("%s: who is to come again in %q s is told %s", limiter, wait, field)
					}
				}
				time.Sleep(700 * ms)
			}
			if refused == 0 {
				t.Errorf("%s refuses nobody", limiter)
			}
		})
	}
}

// TestKeys: a key is what it is said to be, and what names none shares one.
func TestKeys(t *testing.T) {
	for key, requests := range map[string][]struct {
		target string
		edit   func(*http.Request)
		want   string
		known  bool
	}{
		"path":        {{"/a/b?c=d", nil, "/a/b", true}, {"/%61", nil, "/a", true}},
		"query:user":  {{"/?x=1&user=a%20b&user=c", nil, "a b", true}, {"/?us%65r=e", nil, "e", true}, {"/", nil, "", false}, {"/?user", nil, "", false}, {"/?user=%zz", nil, "", false}},
		"header:x-k":  {{"/", header("X-K", "v"), "v", true}, {"/", nil, "", false}, {"/", header("X-K", ""), "", false}},
		"header:host": {{"http://shop.example/", nil, "shop.example", true}},
		"remote":      {{"/", func(r *http.Request) { r.RemoteAddr = "10.0.0.1:99" }, "10.0.0.1", true}, {"/", func(r *http.Request) { r.RemoteAddr = "[::1]:99" }, "::1", true}},
	} {
		var k Key
		if err := k.UnmarshalText([]byte(key)); err != nil {
			t.Fatal(err)
		}
		for _, tt := range requests {
			r := httptest.NewRequest(http.MethodGet, tt.target, nil)
			if tt.edit != nil {
				tt.edit(r)
			}
			if got, known := k.of(r); got != tt.want || known != tt.known {
				t.Errorf("%s of %s is %q, %v; want %q, %v", key, tt.target, got, known, tt.want, tt.known)
			}
		}
	}
}

// burst sends n requests at once and returns when each was answered, ascending, and
// the statuses.
func burst(g *Gateway, n int) (times []time.Duration, statuses map[int]int) {
	var mu sync.Mutex
	var all sync.WaitGroup
	statuses = map[int]int{}
	for range n {
		all.Go(func() {
			r := ask(g, "/")
			mu.Lock()
			defer mu.Unlock()
			times, statuses[r.StatusCode] = append(times, g.clock.Now()), statuses[r.StatusCode]+1
		})
	}
	all.Wait()
	slices.Sort(times)
	return times, statuses
}

// TestService: services end at their instants, one after the other on each server;
// who finds no place is refused at once.
func TestService(t *testing.T) {
	bubble(t, "{service: 'constant:10ms', servers: 2, queue: 3}", func(t *testing.T, g *Gateway) {
		times, statuses := burst(g, 8)
		if want := []time.Duration{0, 0, 0, 10 * ms, 10 * ms, 20 * ms, 20 * ms, 30 * ms}; !slices.Equal(times, want) || statuses[200] != 5 || statuses[503] != 3 {
			t.Errorf("answered at %v with %v; want %v, 3 of them with 503", times, statuses, want)
		}
		if late, most, n := g.Counts().Late(loglinear.Quantile{Num: 99, Den: 100}); n != 5 || late != 0 || most != 0 {
			t.Errorf("%d answers late by %v, at most %v; want 5, not late", n, late, most)
		}
	})
}

// TestServiceIsDrawnBySequence: the k-th request that is served takes what the law
// draws for k, whatever was refused meanwhile.
func TestServiceIsDrawnBySequence(t *testing.T) {
	draw := func(seed int) (all []time.Duration) {
		bubble(t, fmt.Sprintf("{service: 'exponential:10ms', seed: %d}", seed), func(t *testing.T, g *Gateway) {
			for range 5 {
				began := g.clock.Now()
				ask(g, "/")
				all = append(all, g.clock.Now()-began)
			}
		})
		return all
	}
	one, again, other := draw(1), draw(1), draw(2)
	if !slices.Equal(one, again) || slices.Equal(one, other) || one[0] == one[1] {
		t.Errorf("seeds 1, 1, 2 draw %v, %v, %v", one, again, other)
	}
}

// TestStall: what arrives while the service stands still is answered when it goes on.
func TestStall(t *testing.T) {
	bubble(t, "{stall: 1s/10s}", func(t *testing.T, g *Gateway) {
		time.Sleep(9500 * ms)
		if times, _ := burst(g, 2); times[0] != 10*time.Second || times[1] != 10*time.Second {
			t.Errorf("answered at %v; want 10s", times)
		}
		time.Sleep(100 * ms)
		if times, _ := burst(g, 1); times[0] != 10100*ms {
			t.Errorf("answered at %v; want at once", times)
		}
	})
}

// TestErrors: of so many a share is answered with errors, those that a seed says.
func TestErrors(t *testing.T) {
	bubble(t, "{errors: [{share: 20%, status: 502, for: 1m}, {status: 500, at: 1h}], body: 'constant:3B'}", func(t *testing.T, g *Gateway) {
		_, statuses := burst(g, 1000)
		if n := statuses[502]; n < 150 || n > 250 || statuses[200]+n != 1000 || g.Counts().Of(Failed) != uint64(n) {
			t.Errorf("statuses are %v, %d failed; want about 200 of 502", statuses, g.Counts().Of(Failed))
		}
		time.Sleep(30 * time.Minute)
		if _, statuses := burst(g, 10); statuses[200] != 10 {
			t.Errorf("after a minute statuses are %v; want no errors", statuses)
		}
		time.Sleep(30 * time.Minute)
		if r := ask(g, "/"); r.StatusCode != 500 || r.ContentLength != 0 {
			t.Errorf("after an hour the answer is %d with %d bytes; want 500 without", r.StatusCode, r.ContentLength)
		}
	})
}

// TestShaperAndPermits: a shaper lets requests go at its rate, and what a limiter of
// what is in flight granted comes back when its service has ended.
func TestShaperAndPermits(t *testing.T) {
	bubble(t, "limiter: leaky-bucket-queue:100/s:3", func(t *testing.T, g *Gateway) {
		times, statuses := burst(g, 5)
		if want := []time.Duration{0, 0, 0, 10 * ms, 20 * ms}; !slices.Equal(times, want) || statuses[429] != 2 {
			t.Errorf("answered at %v with %v; want %v, the rest refused", times, statuses, want)
		}
	})
	bubble(t, "{limiter: 'concurrency:2', service: 'constant:10ms'}", func(t *testing.T, g *Gateway) {
		for range 3 {
			if _, statuses := burst(g, 3); statuses[200] != 2 || statuses[429] != 1 {
				t.Errorf("statuses are %v; want two let in each time", statuses)
			}
		}
	})
}

// TestLeft: who leaves before the answer is counted so, and is no error.
func TestLeft(t *testing.T) {
	bubble(t, "service: constant:1s", func(t *testing.T, g *Gateway) {
		ctx, leave := context.WithTimeout(t.Context(), 100*ms)
		defer leave()
		ask(g, "/", func(r *http.Request) { *r = *r.WithContext(ctx) })
		if left, n := g.Counts().Of(Left), g.Counts().Requests(); left != 1 || n != 1 {
			t.Errorf("%d left of %d; want 1 of 1", left, n)
		}
	})
}

// failing is a body that cannot be read.
type failing struct{}

func (failing) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

// TestBodies: requests with bodies are read to the end, within bounds; answers have
// theirs.
func TestBodies(t *testing.T) {
	bubble(t, "body: constant:100KiB", func(t *testing.T, g *Gateway) {
		r := ask(g, "/")
		if b, _ := io.ReadAll(r.Body); len(b) != 100<<10 || r.Header.Get("Content-Length") != "102400" || !strings.HasPrefix(string(b), "fcbench serves") {
			t.Errorf("%d bytes, %v", len(b), r.Header)
		}
		post := func(body io.Reader) int {
			w := httptest.NewRecorder()
			g.ServeHTTP(w, httptest.NewRequest(http.MethodPost, "/", body))
			return w.Code
		}
		if a, b, c := post(strings.NewReader("x")), post(io.LimitReader(zeros{}, longestBody+1)), post(failing{}); a != 200 || b != 413 || c != 400 {
			t.Errorf("statuses are %d, %d, %d; want 200, 413, 400", a, b, c)
		}
	})
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

// TestMetrics: the counts are on /metrics, in the text format, and asking for them
// changes none.
func TestMetrics(t *testing.T) {
	bubble(t, "{limiter: 'gcra:1/s:1', service: 'constant:2ms'}", func(t *testing.T, g *Gateway) {
		burst(g, 3)
		for range 2 {
			b, _ := io.ReadAll(ask(g, MetricsPath).Body)
			for _, want := range []string{
				"# TYPE fcbench_gateway_requests_total counter\n", "requests_total{outcome=\"ok\"} 1\n", "requests_total{outcome=\"rejected\"} 2\n",
				"decisions_total{mode=\"primary\"} 3\n", "decisions_total{mode=\"fail_open\"} 0\n", "limiter_failures_total 0\n",
				"# TYPE fcbench_gateway_request_seconds histogram\n", "_bucket{le=\"0.0001\"} 2\n", "_bucket{le=\"0.0025\"} 3\n", "_bucket{le=\"+Inf\"} 3\n", "_sum 0.002\n", "_seconds_count 3\n",
				"late_seconds{quantile=\"0.99\"} 0\n", "late_seconds_sum 0\n", "late_seconds_count 1\n",
			} {
				if !strings.Contains(string(b), want) {
					t.Errorf("metrics lack %q:\n%s", want, b)
				}
			}
			for line := range strings.Lines(string(b)) {
				if name, value, ok := strings.Cut(line, " "); !strings.HasPrefix(line, "# ") && (!ok || name == "" || strings.TrimSpace(value) == "") {
					t.Errorf("line is %q", line)
				}
			}
		}
	})
}

// TestHalfClosed: a client that ends its side while it is being served counts as gone, and
// is told nothing, least of all that all is well.
func TestHalfClosed(t *testing.T) {
	p := mustPlan(t, "service: constant:20ms")
	clock, err := NewClock()
	if err != nil {
		t.Fatal(err)
	}
	g, err := New(t.Context(), p, Outside{Clock: clock, Warn: func(m string) { t.Error(m) }})
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, end := context.WithCancel(t.Context())
	served := make(chan error)
	go func() { served <- g.Serve(ctx, l, p) }()
	conn, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	_, _ = io.WriteString(conn, get)
	_ = conn.(*net.TCPConn).CloseWrite()
	if told, err := io.ReadAll(conn); err != nil || len(told) > 0 {
		t.Errorf("it is told %q, %v; want the end", told, err)
	}
	end()
	if err := <-served; err != nil {
		t.Error(err)
	}
	if err := g.Close(context.Background()); err != nil || g.Counts().Of(Left) != 1 || g.Counts().Requests() != 1 {
		t.Errorf("%v, %d of %d left; want 1 of 1", err, g.Counts().Of(Left), g.Counts().Requests())
	}
}

// TestServe: over sockets; connections are closed after so many answers; the end of
// the context ends it, also what still waits.
func TestServe(t *testing.T) {
	p := mustPlan(t, "{close_every: 2, service: 'weighted:1us=1', stall: 1h/2h}")
	clock, err := NewClock()
	if err != nil {
		t.Fatal(err)
	}
	g, err := New(t.Context(), p, Outside{Clock: clock, Warn: func(string) {}})
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, end := context.WithCancel(t.Context())
	served := make(chan error)
	go func() { served <- g.Serve(ctx, l, p) }()
	client := &http.Client{Transport: &http.Transport{}}
	for i := range 4 {
		r, err := client.Get("http://" + l.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		_ = r.Body.Close()
		if r.Close != (i%2 == 1) {
			t.Errorf("answer %d closes its connection: %v; want every second to", i, r.Close)
		}
	}
	client.CloseIdleConnections()
	end()
	if err := <-served; err != nil {
		t.Error(err)
	}
	if err := g.Close(context.Background()); err != nil || g.Counts().Of(OK) != 4 {
		t.Errorf("%v, %d ok; want 4", err, g.Counts().Of(OK))
	}
}
