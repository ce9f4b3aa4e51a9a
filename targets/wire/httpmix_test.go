package wire_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/fcbench/fcbench/internal/strictyaml"
	"github.com/fcbench/fcbench/results"
	"github.com/fcbench/fcbench/targets"
	"github.com/fcbench/fcbench/targets/wire"
)

func weight(n uint32) *uint32 { return &n }

// aMix has a request of every sort.
func aMix(addr string) wire.HTTPConfig {
	return wire.HTTPConfig{
		URL: "http://" + addr + "/api/", Headers: texts("X-Key", "{key}", "X-All", "a"), Check: wanting("", "2"),
		Requests: []wire.RequestConfig{
			{Name: "search", Path: "/search?q={key}&n=1", Weight: weight(70)},
			{Name: "seen", Path: "/items/{key}", Method: "HEAD", Check: wanting("", "", "200")},
			{Name: "buy", Path: "/orders", Body: `{"item":"{key}"}`, Headers: texts("x-all", "b", "Content-Type", "application/json"), Check: wanting("ok", "")},
			{Name: "send", Path: "/blobs", Method: "PUT", Check: wanting("no", "")},
			{Name: "as it was", Path: "{path}"},
		},
	}
}

// TestHTTPMix: each request goes out as it is described, with what it has of its own
// in the place of what all have, and its answer is checked for what it wants, by
// either engine and whatever was on the connection before.
func TestHTTPMix(t *testing.T) {
	want := []string{
		`GET /api/search?q=GET+%2Fx&n=1 HTTP/1.1 X-All [a] X-Key [GET /x] Content-Length [] ""`,
		`HEAD /api/items/GET%20%2Fx HTTP/1.1 X-All [a] X-Key [GET /x] Content-Length [] ""`,
		`POST /api/orders HTTP/1.1 X-All [b] X-Key [GET /x] Content-Length [17] "{\"item\":\"GET /x\"}"`,
		`PUT /api/blobs HTTP/1.1 X-All [a] X-Key [GET /x] Content-Length [3] "\x00\x00\x00"`,
		`GET /api/x HTTP/1.1 X-All [a] X-Key [GET /x] Content-Length [] ""`,
	}
	causes := []string{"", "", "", "check body", ""}
	for _, engine := range engines {
		var mu sync.Mutex
		seen := map[string]int{}
		addr := serve(t, func(conn net.Conn) {
			in := bufio.NewReader(conn)
			for {
				r, err := read(in)
				if err != nil {
					return
				}
				mu.Lock()
				seen[fmt.Sprintf("%s X-All %v X-Key %v Content-Length %v %q", r.line, r.values("X-All"), r.values("X-Key"), r.values("Content-Length"), r.body)]++
				mu.Unlock()
				io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n")
				if r.line[:4] != "HEAD" {
					io.WriteString(conn, "ok")
				}
			}
		})
		c := aMix(addr)
		c.Connections = 1
		h := engined(t, engine, c)
		if names := h.Info().Requests; len(names) != 5 || names[0].Name != "search" || names[0].Weight != 70 || names[4].Weight != 1 {
			t.Errorf("requests are %+v", names)
		}
		var requests []targets.Request
		for i := range 50 {
			requests = append(requests, targets.Request{Key: "GET /x", Size: 3, Kind: uint8(i * i % 5)})
		}
		for i := range 5 {
			requests = append(requests, targets.Request{Key: "GET /x", Size: 3, Kind: uint8(i)})
		}
		for i, r := range send(t, h, 3, requests...) {
			if cause := causes[requests[i].Kind]; r.Cause != cause || (r.Outcome == results.OK) != (cause == "") {
				t.Errorf("by the %s engine request %d, of kind %d, is %+v; want cause %q", engine, i, requests[i].Kind, r, cause)
			}
		}
		mu.Lock()
		for _, line := range want {
			if seen[line] == 0 {
				t.Errorf("by the %s engine the service saw %v; want %s among them", engine, seen, line)
			}
		}
		if len(seen) != len(want) {
			t.Errorf("by the %s engine the service saw %d kinds of requests; want %d", engine, len(seen), len(want))
		}
		mu.Unlock()
	}
}

// TestHTTPMixBodies: a body that is written goes with whatever method is written beside
// it, as it does with the only request; with methods of keys, and drawn, it goes only
// where they carry one.
func TestHTTPMixBodies(t *testing.T) {
	file := filepath.Join(t.TempDir(), "body")
	if err := os.WriteFile(file, []byte("filed {key}"), 0o600); err != nil {
		t.Fatal(err)
	}
	addr, heard := listen(t)
	for _, c := range []struct {
		wire.RequestConfig
		key, line, length, body string
	}{
		{wire.RequestConfig{Method: "DELETE", Path: "/x", Body: "{}"}, "k", "DELETE /x", "2", "{}"},
		{wire.RequestConfig{Method: "GET", Path: "/x", Body: "{key}!"}, "k", "GET /x", "2", "k!"},
		{wire.RequestConfig{Method: "HEAD", Path: "/x", Body: "{}"}, "k", "HEAD /x", "2", "{}"},
		{wire.RequestConfig{Method: "OPTIONS", Path: "/{key}", BodyFile: file}, "k", "OPTIONS /k", "7", "filed k"},
		{wire.RequestConfig{Method: "DELETE", Path: "{path}", Body: "{}"}, "POST /y", "DELETE /y", "2", "{}"},
		{wire.RequestConfig{Path: "/x", Body: "{}"}, "k", "POST /x", "2", "{}"},
		{wire.RequestConfig{Path: "{path}", Body: "{}"}, "DELETE /y", "DELETE /y", "", ""},
		{wire.RequestConfig{Path: "{path}", Body: "{}"}, "POST /y", "POST /y", "2", "{}"},
		{wire.RequestConfig{Method: "{method}", Path: "{path}", Body: "{}"}, "GET /y", "GET /y", "", ""},
		{wire.RequestConfig{Method: "DELETE", Path: "/x"}, "k", "DELETE /x", "", ""},
		{wire.RequestConfig{Method: "PATCH", Path: "/x"}, "k", "PATCH /x", "3", "\x00\x00\x00"},
	} {
		c.Name = "one"
		h := newTarget(t, wire.HTTPConfig{URL: "http://" + addr, Requests: []wire.RequestConfig{c.RequestConfig}})
		if r := h.Do(t.Context(), nil, &targets.Request{Key: c.key, Size: 3}); r.Outcome != results.OK {
			t.Errorf("%+v: %+v", c, r)
			continue
		}
		r := <-heard
		if got := strings.Join(r.values("Content-Length"), " "); r.line != c.line+" HTTP/1.1" || got != c.length || r.body != c.body {
			t.Errorf("%+v: the service read %q with a length of %q and %q", c, r.line, got, r.body)
		}
	}
}

func TestHTTPMixProblems(t *testing.T) {
	one := []wire.RequestConfig{{Name: "a", Path: "/"}}
	for _, c := range []struct {
		config wire.HTTPConfig
		want   []string
	}{
		{wire.HTTPConfig{URL: "http://h", Requests: []wire.RequestConfig{}}, []string{"requests has 0; want 1 to 100"}},
		{wire.HTTPConfig{URL: "http://h", Requests: make([]wire.RequestConfig, 101)}, []string{"requests has 101; want 1 to 100"}},
		{wire.HTTPConfig{URL: "http://h?a=b", Method: "GET", Body: "x", BodyFile: "y", Requests: one}, []string{
			"method stands beside requests; want it in each of them", "body stands beside requests", "body_file stands beside requests", `url is "http://h?a=b" beside requests; want it without query`,
		}},
		{wire.HTTPConfig{URL: "http://h{key}", Requests: one}, []string{`url is "http://h{key}" beside requests`}},
		{wire.HTTPConfig{URL: "ftp://h", Requests: one}, []string{`url is "ftp://h"; want one that begins with http://`}},
		{wire.HTTPConfig{URL: "http://h", OK: strictyaml.Texts{"9"}, Requests: one}, []string{`ok has "9"`}},
		{wire.HTTPConfig{URL: "http://h", Requests: []wire.RequestConfig{
			{Path: "/"},
			{Name: "a", Path: "x"},
			{Name: "a", Path: "/", Weight: weight(0)},
			{Name: "b"},
			{Name: "c", Path: "/{id}", Method: "G T", Headers: texts("Content-Length", "3"), Body: "x", BodyFile: "y"},
			{Name: "d", Path: "/", Weight: weight(1_000_001), Check: &wire.CheckConfig{}},
			{Name: "e\n", Path: "/"},
			{Name: "f", Path: "/", Method: "HEAD", Check: wanting("x", "")},
		}}, []string{
			"requests[0]: name is missing; want one", `request a: path is "x"; want one that begins with /`, "request a: name is taken", "request a: weight is 0; want 1 to 1000000", `request b: path is ""`,
			`request c: url is "http://h/{id}"; want no braces`, `request c: method is "G T"`, "request c: header Content-Length is set by fcbench", "request c: body stands beside body_file",
			"request d: weight is 1000001", "request d: check is empty", "name holds a control character", "request f: check has body or size beside method HEAD",
		}},
	} {
		_, err := wire.NewHTTP(c.config, nil)
		wantAll(t, err, c.want...)
	}
}
