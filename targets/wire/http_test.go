package wire_test

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/fcbench/fcbench/internal/strictyaml"
	"github.com/fcbench/fcbench/results"
	"github.com/fcbench/fcbench/targets"
	"github.com/fcbench/fcbench/targets/wire"
)

// fickle is a service that answers the first request of every connection and
// closes the connection on the second without a word. It counts what it read.
func fickle(t *testing.T) (url string, seen *atomic.Int64) {
	t.Helper()
	seen = new(atomic.Int64)
	addr := serve(t, func(conn net.Conn) {
		in := bufio.NewReader(conn)
		for answers := 0; ; answers++ {
			r, err := http.ReadRequest(in)
			if err != nil {
				return
			}
			io.Copy(io.Discard, r.Body)
			if seen.Add(1); answers == 1 {
				return
			}
			io.WriteString(conn, "HTTP/1.1 204 No Content\r\n\r\n")
		}
	})
	return "http://" + addr, seen
}

// serve has f called with every connection to an address, which it closes afterwards.
func serve(t testing.TB, f func(net.Conn)) (addr string) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	accept(t, listener, f)
	return listener.Addr().String()
}

// accept has f called with every connection of a listener, until the test ends.
func accept(t testing.TB, listener net.Listener, f func(net.Conn)) {
	t.Cleanup(func() { listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				f(conn)
			}()
		}
	}()
}

// TestHTTPSendsOnce: net/http would send a request again whose connection died
// under it; here every request reaches the service at most once, and those that
// it did not answer are failed.
func TestHTTPSendsOnce(t *testing.T) {
	for name, c := range map[string]struct {
		method  string
		headers map[string]strictyaml.Texts
		size    int
		key     string // a request, where it is not empty
	}{
		"GET of a log":          {key: "GET /a?b=c"},
		"HEAD of a log, a size": {key: "HEAD //a", size: 10},
		"POST of a log":         {key: "POST /a"},
		"POST of a log, a size": {key: "POST /a", size: 10},
		"idempotent, of a log":  {key: "POST /a", headers: map[string]strictyaml.Texts{"Idempotency-Key": {"{key}"}}},
		"default":               {}, "GET": {method: "GET"}, "HEAD": {method: "HEAD"}, "OPTIONS": {method: "OPTIONS"}, "TRACE": {method: "TRACE"},
		"empty POST":            {method: "POST"},
		"idempotent POST":       {method: "POST", headers: map[string]strictyaml.Texts{"Idempotency-Key": {"1"}}},
		"idempotent PUT":        {method: "PUT", headers: map[string]strictyaml.Texts{"X-Idempotency-Key": {"1"}}},
		"POST with a payload":   {method: "POST", size: 10},
		"large":                 {size: 200 << 10},
		"GET with a payload":    {method: "GET", size: 10},
		"idempotent, a payload": {method: "PUT", headers: map[string]strictyaml.Texts{"Idempotency-Key": {"1"}}, size: 10},
	} {
		t.Run(name, func(t *testing.T) {
			url, seen := fickle(t)
			if c.key != "" {
				url += "{path}"
			}
			h, err := wire.NewHTTP(wire.HTTPConfig{URL: url, Method: c.method, Headers: c.headers}, guarded(t))
			if err != nil {
				t.Fatal(err)
			}
			defer h.Close(t.Context())
			const sent = 10
			outcomes := map[results.Outcome]int{}
			for range sent {
				outcomes[h.Do(t.Context(), nil, &targets.Request{Size: c.size, Key: c.key}).Outcome]++
			}
			if seen.Load() != sent {
				t.Errorf("the service saw %d requests of %d", seen.Load(), sent)
			}
			if outcomes[results.OK] != sent/2 || outcomes[results.Failed] != sent/2 {
				t.Errorf("outcomes are %v; want half ok, half failed", outcomes)
			}
		})
	}
}

// TestHTTPMethod: without one given, requests with a body are POSTs, others GETs.
func TestHTTPMethod(t *testing.T) {
	var seen string
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { seen = r.Method }))
	defer server.Close()
	for _, c := range []struct {
		method, body string
		size         int
		want         string
	}{
		{"", "", 0, "GET"},
		{"", "", 1, "POST"},
		{"", "text", 0, "POST"},
		{"", "", 100 << 10, "POST"},
		{"GET", "", 1, "GET"},
		{"PUT", "", 0, "PUT"},
		{"POST", "", 0, "POST"},
		{"get", "", 0, "get"},
	} {
		h, err := wire.NewHTTP(wire.HTTPConfig{URL: server.URL, Method: c.method, Body: c.body}, guarded(t))
		if err != nil {
			t.Fatal(err)
		}
		if r := h.Do(t.Context(), nil, &targets.Request{Size: c.size}); r.Outcome != results.OK || seen != c.want || h.Info().Method(c.size) != c.want {
			t.Errorf("method %q, body %q, size %d: %+v by %s, announced as %s; want %s", c.method, c.body, c.size, r, seen, h.Info().Method(c.size), c.want)
		}
		h.Close(t.Context())
	}
}

// TestHTTPKeyInURL: the service reads the very key, wherever it stands.
func TestHTTPKeyInURL(t *testing.T) {
	var seen string
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		seen = r.URL.EscapedPath() + " " + r.URL.Path + " " + r.URL.Query().Get("q") + " " + r.URL.Query().Get("fixed")
	}))
	defer server.Close()
	for _, c := range []struct{ url, key, want string }{
		{"/{key}", "k1", "/k1 /k1  "},
		{"/{key}", "a b/c%&+?", "/a%20b%2Fc%25&+%3F /a b/c%&+?  "},
		{"/a%2Fb/{key}/{key}", "k", "/a%2Fb/k/k /a/b/k/k  "},
		{"/x?q={key}&fixed=1", "a b&fixed=2+%", "/x /x a b&fixed=2+% 1"},
		{"/{key}?q=-{key}-", "ü", "/%C3%BC /ü -ü- "},
		{"?q={key}", "k", "/ / k "},
		{"//{key}", "k", "//k //k  "},
	} {
		h := newHTTP(t, server.URL+c.url)
		if r := h.Do(t.Context(), nil, &targets.Request{Key: c.key}); r.Outcome != results.OK || seen != c.want {
			t.Errorf("%s with key %q: %+v, the service read %q; want %q", c.url, c.key, r, seen, c.want)
		}
		h.Close(t.Context())
	}
}

// TestHTTPTakesSecretsFromTheEnvironment in address, headers and body.
func TestHTTPTakesSecretsFromTheEnvironment(t *testing.T) {
	var seen string
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		seen = fmt.Sprint(r.Header["Authorization"], r.URL.RawQuery, string(body))
	}))
	defer server.Close()
	t.Setenv("FCBENCH_TEST_URL", server.URL)
	t.Setenv("FCBENCH_TEST_SECRET", "open sesame")
	h, err := wire.NewHTTP(wire.HTTPConfig{
		URL: "${FCBENCH_TEST_URL}/{key}?a=$b", Headers: map[string]strictyaml.Texts{"Authorization": {"Bearer ${FCBENCH_TEST_SECRET}!"}},
		Body: `{"a":"${FCBENCH_TEST_SECRET}${FCBENCH_TEST_SECRET}"}`,
	}, guarded(t))
	if err != nil {
		t.Fatal(err)
	}
	defer h.Close(t.Context())
	if got, want := h.Info().Address, server.Listener.Addr().String(); got != want {
		t.Errorf("address is %s; want %s", got, want)
	}
	h.Do(t.Context(), nil, &targets.Request{Key: "k"})
	if want := `[Bearer open sesame!]a=$b{"a":"open sesameopen sesame"}`; seen != want {
		t.Errorf("the service saw %s; want %s", seen, want)
	}
}

func TestHTTPConfigProblems(t *testing.T) {
	t.Setenv("FCBENCH_TEST_SECRET", "open\nsesame")
	for _, c := range []struct {
		config wire.HTTPConfig
		want   []string
	}{
		{wire.HTTPConfig{URL: "http://h:0/"}, []string{`url is "http://h:0/"; want a port from 1 to 65535`}},
		{wire.HTTPConfig{URL: "http://h:65536"}, []string{`want a port from 1 to 65535`}},
		{wire.HTTPConfig{URL: "http://h:a"}, []string{`want an address such as`}},
		{wire.HTTPConfig{URL: "http://:80"}, []string{`want one that begins with http:// or https:// and names a host`}},
		{wire.HTTPConfig{URL: "http://h/{key"}, []string{`want no braces but those of {key}, {path} and ${NAME}`}},
		{wire.HTTPConfig{URL: "http://h/{id}"}, []string{`want no braces but those of {key}`}},
		{wire.HTTPConfig{URL: "http://{key}/"}, []string{`want {key} in the path or the query`}},
		{wire.HTTPConfig{URL: "http://{key}"}, []string{`want {key} in the path or the query`}},
		{wire.HTTPConfig{URL: "http://h{key}.example"}, []string{`want {key} in the path or the query, or last, right after the host`}},
		{wire.HTTPConfig{URL: "http://h:80{key}/x"}, []string{`want {key} in the path or the query, or last, right after the host`}},
		{wire.HTTPConfig{URL: "http://h:80{key}?a=b"}, []string{`want {key} in the path or the query, or last, right after the host`}},
		{wire.HTTPConfig{URL: "http://h{path}?a=b"}, []string{`url is "http://h{path}?a=b"; want {path} once and last`}},
		{wire.HTTPConfig{URL: "http://h/?a={path}"}, []string{`want {path} once and last`}},
		{wire.HTTPConfig{URL: "http://h/#{path}"}, []string{`want {path} once and last`}},
		{wire.HTTPConfig{URL: "http://h{path}{path}"}, []string{`want {path} once and last`}},
		{wire.HTTPConfig{URL: "http://{path}"}, []string{`names a host`}},
		{wire.HTTPConfig{URL: "{path}"}, []string{`want one that begins with http`}},
		{wire.HTTPConfig{URL: "http://h/{key}{path}"}, []string{`want {key} or {path}, which is a part of the key`}},
		{wire.HTTPConfig{URL: "http://h/{method}"}, []string{`want no {method}; it is a value of method`}},
		{wire.HTTPConfig{URL: "http://h/x", Method: "{method}"}, []string{`method is {method} beside a url without {path}`}},
		{wire.HTTPConfig{URL: "http://h{key}", Method: "{method}"}, []string{`method is {method} beside a url without {path}`}},
		{wire.HTTPConfig{URL: "http://h{path}", Method: "{key}"}, []string{`method is "{key}"; want an HTTP method such as GET, or {method}`}},
		{wire.HTTPConfig{URL: "http://h/#{key}"}, []string{`want {key} in the path or the query`}},
		{wire.HTTPConfig{URL: "http://me:hunter2@h/"}, []string{`url is "http://…@h/"; want it without user and password`, "Authorization: Basic ${"}},
		{wire.HTTPConfig{URL: "ftp://me:hunter2@h/"}, []string{`url is "ftp://…@h/"; want one that begins with`}},
		{wire.HTTPConfig{URL: "http://h/${FCBENCH_TEST_ABSENT}"}, []string{"url needs the environment variable FCBENCH_TEST_ABSENT, which is not set"}},
		{
			wire.HTTPConfig{URL: "http://h/${a-b}", Body: "${", Headers: map[string]strictyaml.Texts{"A": {"${A"}}},
			[]string{`url has "${" without a name`, `body has "${" without`, `header A has "${" without`},
		},
		{
			wire.HTTPConfig{URL: "http://h", Headers: map[string]strictyaml.Texts{"a b": {"x"}, "B": {"${FCBENCH_TEST_SECRET}"}, "C": {"${FCBENCH_TEST_ABSENT}"}}},
			[]string{`header name is "a b"`, "header B holds a control character", "header C needs the environment variable FCBENCH_TEST_ABSENT"},
		},
		{
			wire.HTTPConfig{URL: "http://h", Headers: map[string]strictyaml.Texts{
				"content-length": {"5"}, "Transfer-Encoding": {"chunked"}, "Trailer": {"X"}, "Connection": {"keep-alive"}, "Upgrade": {"h2c"}, "Keep-Alive": {"timeout=5"},
				"Host": {"a", "b"}, "User-Agent": {"a", "b"}, "cookie": {"a"}, "Cookie": {"b"}, "X-None": {}, "X-Path": {"{path}"},
			}},
			[]string{
				"header content-length is set by fcbench, from what is sent; want a body (--body) or a size", "header Transfer-Encoding is set", "header Trailer is set",
				"header Connection is set by fcbench, which keeps connections open; want connections (--connections)", "header Upgrade is set", "header Keep-Alive is set",
				"header Host has 2 values; want one", "header User-Agent has 2 values; want one",
				"header cookie stands beside header Cookie, which is the same; want one of them, with a list of values",
				"header X-None has no value", "header X-Path holds {path} or {method}",
			},
		},
		{wire.HTTPConfig{URL: "http://h", Headers: map[string]strictyaml.Texts{"Host": {""}}}, []string{"header Host is empty; want a host"}},
		{wire.HTTPConfig{URL: "http://h", BodyFile: "testdata/absent"}, []string{"body_file: stat testdata/absent: no such file"}},
		{wire.HTTPConfig{URL: "http://h", BodyFile: "."}, []string{"body_file is ., a directory; want a regular file"}},
		{wire.HTTPConfig{URL: "http://h", BodyFile: "/dev/null"}, []string{"body_file is /dev/null, a device or socket; want a regular file"}},
		{wire.HTTPConfig{URL: "http://h", BodyFile: "http_test.go", Body: "x"}, []string{"body stands beside body_file; want one of them"}},
	} {
		_, err := wire.NewHTTP(c.config, nil)
		wantAll(t, err, c.want...)
		if err != nil && (strings.Contains(err.Error(), "hunter2") || strings.Contains(err.Error(), "sesame")) {
			t.Errorf("error tells a secret: %v", err)
		}
	}
}

// FuzzHTTPURL: whatever address is accepted gives an address for every key that
// names the same host and that the key cannot break out of.
func FuzzHTTPURL(f *testing.F) {
	f.Add("http://127.0.0.1:8080/users/{key}?q={key}&a=b", "k 1/..?&#%")
	f.Add("https://[::1]/a%2Fb/{key}", "ü")
	f.Add("http://h//{key}#x", "{key}")
	f.Fuzz(func(t *testing.T, address, key string) {
		if strings.Contains(address, "${") {
			t.Skip("reads the environment")
		}
		h, err := wire.NewHTTP(wire.HTTPConfig{URL: address}, nil)
		if err != nil {
			return
		}
		if h.Info().CheckKey(key) != nil || h.Info().CheckKey("x") != nil {
			return // of a url whose keys are requests or paths
		}
		written, err := url.Parse(wire.AddressFor(h, key))
		if err != nil {
			t.Fatalf("%q with key %q: %v", address, key, err)
		}
		plain, err := url.Parse(wire.AddressFor(h, "x"))
		if err != nil {
			t.Fatal(err)
		}
		if written.Host != plain.Host || strings.Count(written.EscapedPath(), "/") != strings.Count(plain.EscapedPath(), "/") ||
			strings.Count(written.RawQuery, "&") != strings.Count(plain.RawQuery, "&") {
			t.Errorf("%q with key %q is %v; with key x it is %v", address, key, written, plain)
		}
	})
}

// answering costs as little as a service can, so that what is measured is the
// client: it looks for the end of the headers and says its words.
func answering(words string) func(net.Conn) {
	return func(conn net.Conn) {
		buf, text := make([]byte, 64<<10), []byte(words)
		for {
			n, err := conn.Read(buf)
			if err != nil {
				return
			}
			if bytes.Contains(buf[:n], []byte("\r\n\r\n")) {
				conn.Write(text)
			}
		}
	}
}

// BenchmarkHTTP is the cost of a request to a client and to the least of
// services, one after the other or 64 at once.
func BenchmarkHTTP(b *testing.B) {
	url := "http://" + serve(b, answering("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"))
	for name, c := range map[string]struct {
		wire.HTTPConfig
		request targets.Request
	}{
		"plain": {wire.HTTPConfig{URL: url}, targets.Request{}},
		"key":   {wire.HTTPConfig{URL: url + "/users/{key}?a=b"}, targets.Request{Key: "k12345"}},
		"size":  {wire.HTTPConfig{URL: url}, targets.Request{Size: 100}},
	} {
		h, err := wire.NewHTTP(c.HTTPConfig, guarded(b))
		if err != nil {
			b.Fatal(err)
		}
		b.Cleanup(func() { h.Close(context.Background()) })
		do := func() {
			ctx, cancel := context.WithTimeout(b.Context(), time.Minute)
			defer cancel()
			if r := h.Do(ctx, nil, &c.request); r.Outcome != results.OK {
				b.Errorf("response is %+v", r)
			}
		}
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				do()
			}
		})
		b.Run(name+"/at once", func(b *testing.B) {
			b.ReportAllocs()
			b.SetParallelism(32)
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					do()
				}
			})
		})
	}
}
