package wire_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/textproto"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/fcbench/fcbench/internal/strictyaml"
	"github.com/fcbench/fcbench/results"
	"github.com/fcbench/fcbench/targets"
	"github.com/fcbench/fcbench/targets/wire"
)

// listen is a service that hands over every request as it stood on the wire:
// its first line, its header lines in order, and its body.
func listen(t *testing.T) (addr string, heard <-chan raw) {
	t.Helper()
	all := make(chan raw, 100)
	return serve(t, func(conn net.Conn) {
		in := bufio.NewReader(conn)
		for {
			r, err := read(in)
			if err != nil {
				return
			}
			all <- r
			io.WriteString(conn, "HTTP/1.1 204 No Content\r\n\r\n")
		}
	}), all
}

type raw struct {
	line    string
	headers []string
	body    string
}

// values are those of a header, in order.
func (r raw) values(name string) (all []string) {
	for _, h := range r.headers {
		if n, v, _ := strings.Cut(h, ": "); strings.EqualFold(n, name) {
			all = append(all, v)
		}
	}
	return all
}

func read(in *bufio.Reader) (r raw, err error) {
	lines := textproto.NewReader(in)
	if r.line, err = lines.ReadLine(); err != nil {
		return r, err
	}
	for {
		h, err := lines.ReadLine()
		if err != nil {
			return r, err
		}
		if h == "" {
			break
		}
		r.headers = append(r.headers, h)
	}
	if n := r.values("Content-Length"); len(n) == 1 {
		length, _ := strconv.Atoi(n[0])
		body := make([]byte, length)
		_, err = io.ReadFull(in, body)
		r.body = string(body)
	}
	return r, err
}

func newTarget(t *testing.T, c wire.HTTPConfig) *wire.HTTP {
	t.Helper()
	h, err := wire.NewHTTP(c, guarded(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { h.Close(t.Context()) })
	return h
}

// TestHTTPReplaysRequests: with {path} a key is sent as the request that it is,
// byte by byte.
func TestHTTPReplaysRequests(t *testing.T) {
	addr, heard := listen(t)
	for _, c := range []struct{ url, key, line string }{
		{"{path}", "GET /", "GET / HTTP/1.1"},
		{"{path}", "GET /shop/item?id=1&q=a%20b#x", "GET /shop/item?id=1&q=a%20b#x HTTP/1.1"},
		{"{path}", "POST /a%2Fb/../c?", "POST /a%2Fb/../c? HTTP/1.1"},
		{"{path}", "DELETE /%zz/%", "DELETE /%zz/% HTTP/1.1"},
		{"{path}", "GET /\"<>|\\^`{}[]'", "GET /\"<>|\\^`{}[]' HTTP/1.1"},
		{"{path}", "GET /ü\xff", "GET /ü\xff HTTP/1.1"},
		{"{path}", "GET /a b", "GET /a b HTTP/1.1"},
		{"{path}", "GET ?a=b", "GET ?a=b HTTP/1.1"},
		{"{path}", "GET //evil.example/x?y=%2F", "GET //evil.example/x?y=%2F HTTP/1.1"},
		{"{path}", "GET //", "GET // HTTP/1.1"},
		{"{path}", "GET ///?", "GET ///? HTTP/1.1"},
		{"{path}", "GET //a|b?c", "GET //a|b?c HTTP/1.1"},
		{"{path}", "OPTIONS *", "OPTIONS * HTTP/1.1"},
		{"{path}", "GET http://other.example/x", "GET http://other.example/x HTTP/1.1"},
		{"{path}", "PROPFIND /dav", "PROPFIND /dav HTTP/1.1"},
		{"{path}", "get /lower", "get /lower HTTP/1.1"},
		{"/{path}", "GET /a", "GET /a HTTP/1.1"},
		{"/base{path}", "GET /a?b=c", "GET /base/a?b=c HTTP/1.1"},
		{"/base/{path}", "GET //a", "GET /base//a HTTP/1.1"},
		{"/b%2Fc{path}", "GET /%2F", "GET /b%2Fc/%2F HTTP/1.1"},
		{"{key}", "/shop/item?id=1&q=a%20b", "GET /shop/item?id=1&q=a%20b HTTP/1.1"},
		{"{key}", "//x?y", "GET //x?y HTTP/1.1"},
	} {
		h := newTarget(t, wire.HTTPConfig{URL: "http://" + addr + c.url})
		if r := h.Do(t.Context(), nil, &targets.Request{Key: c.key}); r.Outcome != results.OK {
			t.Errorf("%s with key %q: %+v", c.url, c.key, r)
			continue
		}
		if r := <-heard; r.line != c.line || strings.Join(r.values("Host"), " ") != addr {
			t.Errorf("%s with key %q: the service read %q with host %s; want %q", c.url, c.key, r.line, r.values("Host"), c.line)
		}
	}
}

// TestHTTPReplayRefuses: keys that are no requests are failures of a few causes,
// and nothing is sent.
func TestHTTPReplayRefuses(t *testing.T) {
	addr, heard := listen(t)
	const noRequest, noPath, control = "key is no request; want keys such as GET /path for {path}",
		"key is no path; want keys such as /path after the host", "key holds a control character, which no request target can"
	for _, c := range []struct{ url, key, cause string }{
		{"{path}", "", noRequest},
		{"{path}", "k1", noRequest},
		{"{path}", "GET", noRequest},
		{"{path}", "GET ", noRequest},
		{"{path}", " /a", noRequest},
		{"{path}", "/a?b=c d", noRequest},
		{"{path}", "\x16\x03\x01 /", noRequest},
		{"{path}", "GET /a\r\nHost: evil.example", control},
		{"{path}", "GET /\x00", control},
		{"{path}", "GET /a\tb", control},
		{"/base{path}", "OPTIONS *", noPath},
		{"{key}", "", noPath},
		{"{key}", "k1", noPath},
		{"{key}", "GET /a", noPath},
		{"{key}", ":8080/", noPath},
		{"{key}", "@evil.example/", noPath},
		{"{key}", "/a\nb", control},
	} {
		h := newTarget(t, wire.HTTPConfig{URL: "http://" + addr + c.url})
		if r := h.Do(t.Context(), nil, &targets.Request{Key: c.key}); r.Outcome != results.Failed || r.Cause != c.cause {
			t.Errorf("%s with key %q: %+v; want failed: %s", c.url, c.key, r, c.cause)
		}
		if err := h.Info().CheckKey(c.key); err == nil || err.Error() != c.cause {
			t.Errorf("%s with key %q can be checked: %v", c.url, c.key, err)
		}
	}
	if len(heard) > 0 {
		t.Errorf("the service read %v", <-heard)
	}
}

// TestHTTPReplayMethodsAndBodies: the key's method is used unless there is
// another, and methods that ask for something carry nothing.
func TestHTTPReplayMethodsAndBodies(t *testing.T) {
	addr, heard := listen(t)
	for _, c := range []struct {
		method, body, key string
		size              int
		line, length      string
	}{
		{"", "", "POST /a", 0, "POST /a HTTP/1.1", "[0]"},
		{"", "", "POST /a", 3, "POST /a HTTP/1.1", "[3]"},
		{"", "text", "PUT /a", 0, "PUT /a HTTP/1.1", "[4]"},
		{"", "text", "PATCH /a", 9, "PATCH /a HTTP/1.1", "[4]"},
		{"", "", "GET /a", 3, "GET /a HTTP/1.1", "[]"},
		{"", "text", "GET /a", 0, "GET /a HTTP/1.1", "[]"},
		{"", "text", "HEAD /a", 3, "HEAD /a HTTP/1.1", "[]"},
		{"", "", "DELETE /a", 3, "DELETE /a HTTP/1.1", "[]"},
		{"{method}", "", "POST /a", 3, "POST /a HTTP/1.1", "[3]"},
		{"{method}", "", "GET /a", 3, "GET /a HTTP/1.1", "[]"},
		{"GET", "", "POST /a", 0, "GET /a HTTP/1.1", "[]"},
		{"POST", "", "GET /a", 0, "POST /a HTTP/1.1", "[0]"},
		{"GET", "", "POST /a", 3, "GET /a HTTP/1.1", "[3]"},
	} {
		h := newTarget(t, wire.HTTPConfig{URL: "http://" + addr + "{path}", Method: c.method, Body: c.body})
		for range 2 { // on a fresh connection and on one that is open
			if r := h.Do(t.Context(), nil, &targets.Request{Key: c.key, Size: c.size}); r.Outcome != results.OK {
				t.Errorf("%+v: %+v", c, r)
				continue
			}
			if r := <-heard; r.line != c.line || fmt.Sprint(r.values("Content-Length")) != c.length || r.values("Transfer-Encoding") != nil {
				t.Errorf("%+v: the service read %+v", c, r)
			}
		}
		want := c.method
		if want == "" {
			want = "{method}"
		}
		if got := h.Info().Method(c.size); got != want {
			t.Errorf("%+v: the method is announced as %s; want %s", c, got, want)
		}
	}
}

// TestHTTPHeaders: what was written is sent, every value in order; a key stands
// where it should and cannot break out.
func TestHTTPHeaders(t *testing.T) {
	addr, heard := listen(t)
	for _, c := range []struct {
		headers map[string]strictyaml.Texts
		key     string
		name    string
		want    []string
	}{
		{map[string]strictyaml.Texts{"Cookie": {"a=1", "b=2"}}, "", "Cookie", []string{"a=1", "b=2"}},
		{map[string]strictyaml.Texts{"x-order": {"3", "1", "2", "1"}}, "", "X-Order", []string{"3", "1", "2", "1"}},
		{map[string]strictyaml.Texts{"X-Client": {"{key}"}}, "k1", "X-Client", []string{"k1"}},
		{map[string]strictyaml.Texts{"X-Client": {"fixed", "<{key}|{key}>"}}, "k 1", "X-Client", []string{"fixed", "<k 1|k 1>"}},
		{map[string]strictyaml.Texts{"X-Client": {"{key}"}}, "a\r\nX-Evil: 1\x00\x7f", "X-Client", []string{"a%0D%0AX-Evil: 1%00%7F"}},
		{map[string]strictyaml.Texts{"X-Client": {"{key}"}}, " a b ", "X-Client", []string{"%20a b%20"}},
		{map[string]strictyaml.Texts{"X-Client": {"{key}"}}, "  ", "X-Client", []string{"%20%20"}},
		{map[string]strictyaml.Texts{"X-Client": {"{key}"}}, "ü%41", "X-Client", []string{"ü%41"}},
		{map[string]strictyaml.Texts{"X-Json": {`{"k":"{key}","n":{}}`}}, "a", "X-Json", []string{`{"k":"a","n":{}}`}},
		{map[string]strictyaml.Texts{"X-Empty": {""}}, "", "X-Empty:", []string{""}},
		{map[string]strictyaml.Texts{}, "", "User-Agent", []string{"fcbench"}},
		{map[string]strictyaml.Texts{"user-agent": {"mine/1"}}, "", "User-Agent", []string{"mine/1"}},
		{map[string]strictyaml.Texts{"User-Agent": {"u-{key}"}}, "7", "User-Agent", []string{"u-7"}},
		{map[string]strictyaml.Texts{"Host": {"shop.example"}}, "", "Host", []string{"shop.example"}},
		{map[string]strictyaml.Texts{"host": {"{key}.example"}}, "t7", "Host", []string{"t7.example"}},
		{map[string]strictyaml.Texts{"connection": {"Close"}}, "", "Connection", []string{"Close"}},
		{map[string]strictyaml.Texts{"Accept-Encoding": {"gzip"}}, "", "Accept-Encoding", []string{"gzip"}},
		{map[string]strictyaml.Texts{}, "", "Accept-Encoding", nil},
	} {
		h := newTarget(t, wire.HTTPConfig{URL: "http://" + addr, Headers: c.headers})
		if r := h.Do(t.Context(), nil, &targets.Request{Key: c.key}); r.Outcome != results.OK {
			t.Errorf("%v with key %q: %+v", c.headers, c.key, r)
			continue
		}
		r := <-heard
		got := r.values(strings.TrimSuffix(c.name, ":"))
		if strings.HasSuffix(c.name, ":") { // an empty value stands without the space
			got = nil
			for _, line := range r.headers {
				if value, ok := strings.CutPrefix(line, c.name); ok {
					got = append(got, strings.TrimSpace(value))
				}
			}
		}
		if fmt.Sprintf("%q", got) != fmt.Sprintf("%q", c.want) {
			t.Errorf("%v with key %q: the service read %q; want %q", c.headers, c.key, r.headers, c.want)
		}
	}
}

// TestHTTPBodies: a key stands in a body as it is; a file is sent as it is but
// for that.
func TestHTTPBodies(t *testing.T) {
	addr, heard := listen(t)
	file := func(content string) string {
		name := filepath.Join(t.TempDir(), "body")
		if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		return name
	}
	for _, c := range []struct{ body, file, key, line, want string }{
		{`{"user":"{key}","n":{}}`, "", "k1", "POST / HTTP/1.1", `{"user":"k1","n":{}}`},
		{"{key}{key}", "", "a\r\n\x00\xff", "POST / HTTP/1.1", "a\r\n\x00\xffa\r\n\x00\xff"},
		{"{path} {method} {id}", "", "k", "POST / HTTP/1.1", "{path} {method} {id}"},
		{"{key}", "", "", "POST / HTTP/1.1", ""},
		{"", file("\x00\xff{key}${NOT_A_VARIABLE}\n"), "k", "POST / HTTP/1.1", "\x00\xffk${NOT_A_VARIABLE}\n"},
		{"", file(""), "k", "POST / HTTP/1.1", ""},
		{"", file(strings.Repeat("x", 1<<20)), "k", "POST / HTTP/1.1", strings.Repeat("x", 1<<20)},
	} {
		h := newTarget(t, wire.HTTPConfig{URL: "http://" + addr, Body: c.body, BodyFile: c.file})
		if r := h.Do(t.Context(), nil, &targets.Request{Key: c.key, Size: 99}); r.Outcome != results.OK {
			t.Errorf("%q: %+v", c.body, r)
			continue
		}
		if r := <-heard; r.line != c.line || r.body != c.want || fmt.Sprint(r.values("Content-Length")) != fmt.Sprintf("[%d]", len(c.want)) {
			t.Errorf("body %.50q, file %s, key %q: the service read %s, %.50q; want %s, %.50q", c.body, c.file, c.key, r.line, r.body, c.line, c.want)
		}
	}
}

// TestHTTPKeysCostLittle: places for the key in headers and body are found once;
// a request takes a few allocations more for them, not more for each key.
func TestHTTPKeysCostLittle(t *testing.T) {
	allocations := func(c wire.HTTPConfig) float64 {
		c.URL = "http://127.0.0.1/x"
		check := newTarget(t, c).Info().CheckKey
		return testing.AllocsPerRun(100, func() {
			if check("k12345") != nil {
				t.Error("no request")
			}
		})
	}
	headers := map[string]strictyaml.Texts{}
	for i := range 20 {
		headers[fmt.Sprint("X-", i)] = strictyaml.Texts{"v"}
	}
	plain := allocations(wire.HTTPConfig{Headers: headers})
	headers["X-Client"] = strictyaml.Texts{"{key}"}
	keyed := allocations(wire.HTTPConfig{Headers: headers, Body: `{"user":"{key}"}`})
	if plain > 2 || keyed > plain+10 {
		t.Errorf("%v allocations for a request, %v with places for the key; want 2, and at most 10 more", plain, keyed)
	}
}

// texts are headers with one value each.
func texts(pairs ...string) map[string]strictyaml.Texts {
	all := map[string]strictyaml.Texts{}
	for i := 0; i < len(pairs); i += 2 {
		all[pairs[i]] = strictyaml.Texts{pairs[i+1]}
	}
	return all
}
