package wire_test

import (
	"bufio"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/fcbench/fcbench/internal/strictyaml"
	"github.com/fcbench/fcbench/results"
	"github.com/fcbench/fcbench/targets"
	"github.com/fcbench/fcbench/targets/wire"
)

// wanting is a check.
func wanting(body, size string, statuses ...string) *wire.CheckConfig {
	c := &wire.CheckConfig{Status: statuses}
	if body != "" {
		c.Body = &body
	}
	if size != "" {
		c.Size = strictyaml.Value("test", size)
	}
	return c
}

// TestHTTPChecks: an answer that is ok and not what was wanted is failed, by either
// engine, also the second time that it is the same.
func TestHTTPChecks(t *testing.T) {
	const hello = "HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\nhello world"
	for name, c := range map[string]struct {
		words, end, method string
		check              *wire.CheckConfig
		ok                 strictyaml.Texts
		cause              string // "" for ok
	}{
		"contains":           {words: hello, check: wanting("o wor", "")},
		"contains all":       {words: hello, check: wanting("hello world", "")},
		"not":                {words: hello, check: wanting("hello word", ""), cause: "check body"},
		"not in the header":  {words: hello, check: wanting("Content", ""), cause: "check body"},
		"size":               {words: hello, check: wanting("", "11")},
		"other size":         {words: hello, check: wanting("", "10B"), cause: "check size"},
		"bounds":             {words: hello, check: wanting("", "{min: 11, max: 11}")},
		"too small":          {words: hello, check: wanting("", "{min: 12}"), cause: "check size"},
		"too large":          {words: hello, check: wanting("", "{max: 10}"), cause: "check size"},
		"no body":            {words: "HTTP/1.1 204 No\r\n\r\n", check: wanting("", "0")},
		"nothing in it":      {words: "HTTP/1.1 200 No\r\nContent-Length: 0\r\n\r\n", check: wanting("a", ""), cause: "check body"},
		"status":             {words: hello, check: wanting("", "", "200")},
		"hundred":            {words: hello, check: wanting("", "", "2xx")},
		"one of several":     {words: hello, check: wanting("", "", "204", "200")},
		"other status":       {words: "HTTP/1.1 302 Found\r\nContent-Length: 0\r\n\r\n", check: wanting("", "", "2xx"), cause: "check status"},
		"status first":       {words: "HTTP/1.1 302 Found\r\nContent-Length: 0\r\n\r\n", check: wanting("a", "1", "2xx"), cause: "check status"},
		"size before body":   {words: hello, check: wanting("a", "1", "2xx"), cause: "check size"},
		"lost anyway":        {words: "HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n", check: wanting("a", "1"), cause: "status 404"},
		"ok by config":       {words: "HTTP/1.1 404 No\r\nContent-Length: 1\r\n\r\nx", check: wanting("x", "", "404"), ok: strictyaml.Texts{"404"}},
		"chunked":            {words: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3;x\r\nhel\r\n8\r\nlo world\r\n0\r\nX: y\r\n\r\n", check: wanting("hello world", "11")},
		"chunk lines":        {words: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3;ext\r\nhel\r\n0\r\nX: y\r\n\r\n", check: wanting("ext", ""), cause: "check body"},
		"trailer":            {words: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n0\r\nX: y\r\n\r\n", check: wanting("X: y", ""), cause: "check body"},
		"to the end":         {words: "HTTP/1.0 200 OK\r\n\r\nhello world", end: "close", check: wanting("world", "11")},
		"to the end, not":    {words: "HTTP/1.0 200 OK\r\n\r\nhello world", end: "close", check: wanting("word", ""), cause: "check body"},
		"informed":           {words: "HTTP/1.1 103 Early\r\nX: y\r\n\r\n" + hello, check: wanting("hello", "11", "200")},
		"large, at the end":  {words: "HTTP/1.1 200 OK\r\nContent-Length: 1000006\r\n\r\n" + strings.Repeat("x", 1_000_000) + "needle", check: wanting("xneedle", "1000006")},
		"head has no body":   {words: "HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\n", method: "HEAD", check: wanting("", "", "200")},
		"only the beginning": {words: "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nabab", check: wanting("ababc", ""), cause: "check body"},
	} {
		t.Run(name, func(t *testing.T) {
			addr := saying(t, c.words, c.end)
			for _, engine := range engines {
				h := engined(t, engine, wire.HTTPConfig{URL: "http://" + addr, Method: c.method, Check: c.check, OK: c.ok})
				for i, got := range send(t, h, 1, make([]targets.Request, 3)...) {
					if want := results.OK; c.cause == "" && got.Outcome != want || c.cause != "" && (got.Outcome != results.Failed || got.Cause != c.cause) || got.Status == 0 {
						t.Errorf("by the %s engine answer %d is %+v; want cause %q", engine, i, got, c.cause)
					}
				}
			}
		})
	}
}

// TestHTTPChecksReplayedHeads: requests by HEAD that a key asks for are asked for
// their status alone.
func TestHTTPChecksReplayedHeads(t *testing.T) {
	addr := saying(t, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", "")
	for _, engine := range engines {
		h := engined(t, engine, wire.HTTPConfig{URL: "http://" + addr + "{path}", Check: wanting("x", "1")})
		got := send(t, h, 1, targets.Request{Key: "GET /"}, targets.Request{Key: "HEAD /"})
		if got[0].Cause != "check size" || got[1].Outcome != results.OK {
			t.Errorf("by the %s engine: %+v; want check size, and ok for HEAD", engine, got)
		}
	}
}

// TestHTTPChecksFindWhatIsThere, however a body is cut, and by whatever coding.
func TestHTTPChecksFindWhatIsThere(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	letters := func(n int) string {
		b := make([]byte, n)
		for i := range b {
			b[i] = "ab"[random.IntN(2)]
		}
		return string(b)
	}
	found := 0
	for i := range 3000 {
		body, text := letters(random.IntN(200)), letters(1+random.IntN(9))
		stream := fmt.Sprintf("HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s", len(body), body)
		if i%2 == 0 {
			var b strings.Builder
			b.WriteString("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
			for rest := body; rest != ""; {
				n := 1 + random.IntN(min(len(rest), 20))
				fmt.Fprintf(&b, "%x\r\n%s\r\n", n, rest[:n])
				rest = rest[n:]
			}
			b.WriteString("0\r\n\r\n")
			stream = b.String()
		}
		d, in, r := wire.HTTP1Checking(wanting(text, "")), []byte(nil), targets.Response{}
		for _, part := range fragments([]byte(stream+stream), uint64(i)) {
			in = append(in, part...)
			for len(in) > 0 {
				n, done, err := d.Decode(in, 0, &r)
				if in = in[n:]; err != nil {
					t.Fatal(err)
				}
				if !done {
					break
				}
				if got := r.Outcome == results.OK; got != strings.Contains(body, text) {
					t.Fatalf("%q in %q: %v", text, stream, got)
				} else if got {
					found++
				}
			}
		}
	}
	if found < 1000 || found > 5000 {
		t.Errorf("%d of 6000 bodies contain what is looked for; want a good part of them to, and another not to", found)
	}
}

func TestHTTPCheckProblems(t *testing.T) {
	empty, keyed := "", "hello {key}"
	for _, c := range []struct {
		config wire.HTTPConfig
		want   []string
	}{
		{wire.HTTPConfig{Check: &wire.CheckConfig{}}, []string{"check is empty; want status, body or size"}},
		{wire.HTTPConfig{Check: &wire.CheckConfig{Body: &empty}}, []string{"check: body is empty"}},
		{wire.HTTPConfig{Check: &wire.CheckConfig{Body: &keyed}}, []string{"check: body holds {key}"}},
		{wire.HTTPConfig{Check: wanting(strings.Repeat("x", 64<<10+1), "")}, []string{"check: body has 65537 bytes; want at most 65536"}},
		{wire.HTTPConfig{Check: wanting("", "many", "2x", "404", "4xx", "429")}, []string{
			"check: size is many; want bytes, such as 612", `check: status has "2x"`, "check: status has 404, which is failed before any check", "check: status has 4xx, which",
			"check: status has 429, which is rejected before any check",
		}},
		{wire.HTTPConfig{Check: wanting("", "{min: 2, max: 1}")}, []string{"check: size has min 2B above max 1B"}},
		{wire.HTTPConfig{Check: wanting("", "{}")}, []string{"check: size has no bounds"}},
		{wire.HTTPConfig{Check: wanting("", "{least: 1}")}, []string{`check: size: test:1:2: key "least" is unknown`}},
		{wire.HTTPConfig{Check: wanting("", "-1")}, []string{"check: size is -1"}},
		{wire.HTTPConfig{Method: "HEAD", Check: wanting("x", "")}, []string{"beside method HEAD"}},
		{wire.HTTPConfig{Method: "HEAD", Check: wanting("", "5")}, []string{"beside method HEAD"}},
		{wire.HTTPConfig{PerConnection: -1}, []string{"requests_per_connection is -1; want 1 or more, or 0"}},
		{wire.HTTPConfig{PerConnection: 2, Headers: texts("connection", "close")}, []string{"requests_per_connection is 2 beside header Connection: close"}},
	} {
		c.config.URL = "http://127.0.0.1"
		_, err := wire.NewHTTP(c.config, nil)
		wantAll(t, err, c.want...)
	}
}

// TestHTTPConnectionsAreGivenUp after as many requests as they are to carry, by either
// engine, though the service would have kept them.
func TestHTTPConnectionsAreGivenUp(t *testing.T) {
	for _, engine := range engines {
		for _, most := range []int{1, 3} {
			var mu sync.Mutex
			carried := map[string]int{}
			addr := serve(t, func(conn net.Conn) {
				for in := bufio.NewReader(conn); ; {
					if _, err := http.ReadRequest(in); err != nil {
						return
					}
					mu.Lock()
					carried[conn.RemoteAddr().String()]++
					mu.Unlock()
					io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
				}
			})
			h := engined(t, engine, wire.HTTPConfig{URL: "http://" + addr, PerConnection: most, Connections: 1})
			for i, r := range send(t, h, 4, make([]targets.Request, 12)...) {
				if r.Outcome != results.OK {
					t.Errorf("by the %s engine request %d is %+v", engine, i, r)
				}
			}
			mu.Lock()
			for _, n := range carried {
				if n != most || len(carried) != 12/most {
					t.Errorf("by the %s engine 12 requests went over %v; want %d on each", engine, carried, most)
				}
			}
			mu.Unlock()
		}
	}
}
