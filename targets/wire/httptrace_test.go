package wire_test

import (
	"bufio"
	"io"
	"net"
	"regexp"
	"slices"
	"sync"
	"testing"

	"github.com/fcbench/fcbench/results"
	"github.com/fcbench/fcbench/targets"
	"github.com/fcbench/fcbench/targets/wire"
)

// TestHTTPTraceparent: each request is a trace of its own, the same in every run by
// every engine, and another by another seed.
func TestHTTPTraceparent(t *testing.T) {
	form := regexp.MustCompile("^00-[0-9a-f]{32}-[0-9a-f]{16}-01$")
	var mu sync.Mutex
	var seen []string
	addr := serve(t, func(conn net.Conn) {
		for in := bufio.NewReader(conn); ; {
			r, err := read(in)
			if err != nil {
				return
			}
			mu.Lock()
			seen = append(seen, r.values("traceparent")...)
			mu.Unlock()
			io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
		}
	})
	by := func(engine wire.Engine, root uint64) []string {
		c := wire.HTTPConfig{URL: "http://" + addr, Traceparent: true}
		if root == 3 {
			c.Requests = []wire.RequestConfig{{Name: "a", Path: "/"}}
			root = 1
		}
		h := engined(t, engine, c)
		h.Seed(root)
		mu.Lock()
		seen = nil
		mu.Unlock()
		requests := make([]targets.Request, 50)
		for i := range requests {
			requests[i].Seq = uint64(i)
		}
		for _, r := range send(t, h, 5, requests...) {
			if r.Outcome != results.OK {
				t.Fatalf("by the %s engine: %+v", engine, r)
			}
		}
		mu.Lock()
		defer mu.Unlock()
		slices.Sort(seen)
		return slices.Clone(seen)
	}
	first, other := by(wire.Portable, 1), by(wire.Portable, 2)
	if len(first) != 50 || len(slices.Compact(slices.Clone(first))) != 50 || slices.ContainsFunc(first, func(s string) bool { return !form.MatchString(s) }) {
		t.Errorf("the service saw %q; want 50 that differ, of the form %v", first, form)
	}
	for _, again := range [][]string{by(engines[0], 1), by(engines[0], 3)} {
		if !slices.Equal(again, first) {
			t.Errorf("another engine, or a mix, has\n%q; want\n%q", again, first)
		}
	}
	if slices.Contains(other, first[0]) {
		t.Errorf("another seed has the same trace %s", first[0])
	}
	_, err := wire.NewHTTP(wire.HTTPConfig{URL: "http://" + addr, Traceparent: true, Headers: texts("TraceParent", "00")}, nil)
	wantAll(t, err, "header TraceParent stands beside traceparent: true, which sets it")
}
