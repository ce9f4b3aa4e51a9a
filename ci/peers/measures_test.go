//go:build linux

package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/fcbench/fcbench/results"
)

// TestTables: a name that there is no table of is told before anything is measured.
func TestTables(t *testing.T) {
	err := options{rounds: 1, seconds: 1}.print([]string{"closed", "nonsense"})
	if want := `table is "nonsense"; want some of body, closed, lanes, open, post, redis, soak, stall, tls`; err == nil || err.Error() != want {
		t.Errorf("%v; want %s", err, want)
	}
}

// TestPosted: both generators are told to send the same bytes.
func TestPosted(t *testing.T) {
	j := job{connections: 64, seconds: 5, out: "out"}
	if err := posted(&nginx{url: "http://127.0.0.1:1/"}, t.TempDir(), &j); err != nil {
		t.Fatal(err)
	}
	body, err := os.ReadFile(j.body)
	script, err2 := os.ReadFile(j.script)
	if err != nil || err2 != nil || len(body) != 1024 || !strings.Contains(string(script), "wrk.body = '"+string(body)+"'\n") {
		t.Errorf("%v, %v: %d bytes, and %s", err, err2, len(body), script)
	}
	for _, p := range peers()[:2] {
		args := p.closed(j)
		if want := map[string]string{fcbench: "@" + j.body, "wrk": j.script}[p.name]; !slices.Contains(args, want) {
			t.Errorf("%s: %v; want %s among them", p.name, args, want)
		}
	}
}

// TestCertificate vouches for itself, on loopback.
func TestCertificate(t *testing.T) {
	folder := t.TempDir()
	cert, key := filepath.Join(folder, "cert.pem"), filepath.Join(folder, "key.pem")
	if err := certify(cert, key); err != nil {
		t.Fatal(err)
	}
	pair, err := tls.LoadX509KeyPair(cert, key)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(pair.Leaf)
	if _, err := pair.Leaf.Verify(x509.VerifyOptions{DNSName: "127.0.0.1", Roots: pool}); err != nil {
		t.Error(err)
	}
}

// TestScriptOfTheBenchmark is that of redis-gcra, called as fcbench does.
func TestScriptOfTheBenchmark(t *testing.T) {
	got, err := words("*3\r\n$4\r\neval\r\n$5\r\na\r\nb \r\n$0\r\n\r\n")
	if err != nil || !slices.Equal(got, []string{"eval", "a\r\nb ", ""}) {
		t.Errorf("%q, %v", got, err)
	}
	if _, err := words("*1\r\n$9\r\neval\r\n"); err == nil {
		t.Error("a word that is cut off is taken")
	}
	if n, err := callsIn("# Commandstats\r\ncmdstat_eval:calls=2,usec=1\r\ncmdstat_evalsha:calls=40,usec=9\r\ncmdstat_evalsha_ro:calls=100,usec=9\r\ncmdstat_info:calls=5,usec=1\r\n"); n != 42 || err != nil {
		t.Errorf("%d, %v; want 42", n, err)
	}
}

// TestEchoes count what each connection asked, and what was refused.
func TestEchoes(t *testing.T) {
	e, err := newEchoes()
	if err != nil {
		t.Fatal(err)
	}
	for _, paths := range [][]string{{"/", refusedPath, "/"}, {"/"}} {
		conn, err := net.Dial("tcp", e.listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		client := http.Client{Transport: &http.Transport{DialContext: func(context.Context, string, string) (net.Conn, error) { return conn, nil }}}
		for _, path := range paths {
			response, err := client.Get("http://loopback" + path)
			if err != nil {
				t.Fatal(err)
			}
			_, err = io.Copy(io.Discard, response.Body)
			response.Body.Close()
			if want := map[bool]int{false: 200, true: 429}[path == refusedPath]; err != nil || response.StatusCode != want {
				t.Errorf("%s: %d, %v; want %d", path, response.StatusCode, err, want)
			}
		}
		client.CloseIdleConnections()
	}
	by, refused, err := e.close()
	if err != nil || !slices.Equal(by, []uint64{1, 3}) || refused != 1 {
		t.Errorf("%v, %d refused, %v", by, refused, err)
	}
}

func TestLaneCells(t *testing.T) {
	run := &results.Run{Offered: 40, Outcomes: map[string]uint64{"ok": 30, "rejected": 10}}
	if got := strings.Join(laneCells(run, []uint64{18, 22}, 10), " | "); got != "40 | 30 + 10 | exactly: 30 + 10 | 0.900 to 1.100, of 2" {
		t.Error(got)
	}
	for _, c := range []struct {
		by      []uint64
		refused uint64
	}{{[]uint64{20, 21}, 10}, {[]uint64{20, 20}, 11}, {nil, 0}} {
		if got := laneCells(run, c.by, c.refused)[2]; !strings.HasPrefix(got, "**otherwise**") {
			t.Errorf("%v, %d refused: %s", c.by, c.refused, got)
		}
	}
}

func TestGrowth(t *testing.T) {
	var all []held
	for i := range 600 {
		all = append(all, held{int64(20+i/60) << 20, 60})
	}
	first, later := growth(all)
	if (first != held{20 << 20, 60}) || (later != held{29 << 20, 60}) {
		t.Errorf("%+v, %+v", first, later)
	}
	for _, c := range []struct {
		later held
		want  string
	}{
		{held{22 << 20, 60}, "kept"},
		{held{22<<20 + 1, 60}, "**memory grew by 2.0 MiB**"},
		{held{20 << 20, 61}, "**1 files more**"},
		{held{29 << 20, 70}, "**memory grew by 9.0 MiB**, **10 files more**"},
	} {
		if got := kept(first, c.later); got != c.want {
			t.Errorf("%+v: %s; want %s", c.later, got, c.want)
		}
	}
	if got := kept(held{100 << 20, 1}, held{104 << 20, 1}); got != "kept" {
		t.Errorf("4 %% more is %s", got)
	}
	if now, err := look(os.Getpid()); err != nil || now.rss < 1<<20 || now.files < 3 {
		t.Errorf("this process has %+v, %v", now, err)
	}
	held, ctx := make([]byte, 32<<20), ended(t)
	for i := range held {
		held[i] = 1
	}
	if most := ownMemory(ctx, os.Getpid()); most < int64(len(held)) || most > 1<<30 {
		t.Errorf("this process has %d bytes to itself; want more than %d", most, len(held))
	}
	runtime.KeepAlive(held)
}

func ended(t *testing.T) context.Context {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	return ctx
}
