package main

import (
	"bytes"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/rogpeppe/go-internal/testscript"
)

// serve runs "serve": an HTTP service at $HTTP (host:port) for as long as the
// script lasts. It answers /status/N with status N, /refuse?after=X with 429
// and Retry-After: X, /first/KEY?n=N with 200 the first N times and with 429 from
// then on, /held when its caller has left, but for the first, and all else with 200, and writes every request that it reads, as it came, to the file "requests".
func serve(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 0 {
		ts.Fatalf("usage: serve")
	}
	out, err := os.Create(ts.MkAbs("requests"))
	ts.Check(err)
	server := httptest.NewServer(&noting{out: out, keys: map[string]int{}})
	ts.Defer(func() {
		server.Close()
		ts.Check(out.Close())
	})
	addr := server.Listener.Addr().(*net.TCPAddr)
	ts.Setenv("HTTP", addr.String())
	ts.Setenv("PORT", strconv.Itoa(addr.Port))
}

// noting notes what it is asked, a request a line: method, target, headers, body.
type noting struct {
	mu   sync.Mutex
	out  io.Writer
	seen int
	keys map[string]int // requests by path
}

func (n *noting) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	var line bytes.Buffer
	fmt.Fprintf(&line, "%s %s", r.Method, r.RequestURI)
	for _, name := range slices.Sorted(maps.Keys(r.Header)) {
		for _, value := range r.Header[name] {
			fmt.Fprintf(&line, " | %s: %s", name, value)
		}
	}
	fmt.Fprintf(&line, " | body %q\n", body)
	n.mu.Lock()
	_, _ = n.out.Write(line.Bytes())
	n.seen++
	first := n.seen == 1
	n.keys[r.URL.Path]++
	times := n.keys[r.URL.Path]
	n.mu.Unlock()
	if r.URL.Path == "/held" && !first {
		<-r.Context().Done()
	}
	if strings.HasPrefix(r.URL.Path, "/first/") {
		if most, _ := strconv.Atoi(r.URL.Query().Get("n")); times > most {
			w.WriteHeader(http.StatusTooManyRequests)
		}
	}
	if r.URL.Path == "/refuse" {
		w.Header().Set("Retry-After", r.URL.Query().Get("after"))
		w.WriteHeader(http.StatusTooManyRequests)
	}
	if code, err := strconv.Atoi(strings.TrimPrefix(r.URL.Path, "/status/")); err == nil {
		w.WriteHeader(code)
	}
}
