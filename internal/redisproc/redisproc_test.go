package redisproc

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/fcbench/fcbench/internal/dial"
	"github.com/fcbench/fcbench/internal/redistest"
	"github.com/redis/go-redis/v9"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) {
	if os.Getenv(roleVariable) != "" {
		os.Exit(playParent())
	}
	goleak.VerifyTestMain(m)
}

// roleVariable makes the test binary play a process that starts a server and hangs.
const roleVariable = "FCBENCH_TEST_PARENT"

func playParent() int {
	s, err := Start(context.Background(), Options{})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	fmt.Println(s.Info().Addr)
	_, _ = io.Copy(io.Discard, os.Stdin) // until killed
	return 0
}

// private starts a real server, to be closed by the test.
func private(t *testing.T) *Server {
	t.Helper()
	s, err := Start(t.Context(), Options{})
	if err != nil {
		t.Fatal(err)
	}
	if s.Info().Mode != Private {
		t.Fatal(redistest.Missing)
	}
	return s
}

func client(t *testing.T, s *Server, o ClientOptions) redis.UniversalClient {
	t.Helper()
	c := s.Client(o)
	t.Cleanup(func() { c.Close() })
	return c
}

func TestPrivateServer(t *testing.T) {
	s := private(t)
	if s.Simulated() || !strings.HasPrefix(s.Info().Version, "redis ") && !strings.HasPrefix(s.Info().Version, "valkey ") {
		t.Errorf("server is %s; want a real one with a version", s)
	}
	c := client(t, s, ClientOptions{Connections: 2})
	for range 3 {
		if err := c.Incr(t.Context(), "n").Err(); err != nil {
			t.Fatal(err)
		}
	}
	if n := calls(t, c)["incr"]; n != 3 {
		t.Errorf("incr was called %d times; want 3", n)
	}
	if save := c.ConfigGet(t.Context(), "save").Val()["save"]; save != "" {
		t.Errorf("save is %q; want no persistence", save)
	}
	dir := filepath.Dir(s.Info().Addr)
	if err := s.Close(); err != nil {
		t.Errorf("close: %v", err)
	}
	if err := c.Ping(t.Context()).Err(); err == nil {
		t.Error("the server answers after Close")
	}
	if _, err := os.Stat(dir); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("directory %s is still there after Close: %v", dir, err)
	}
}

func TestStopTellsThatTheServerHadDied(t *testing.T) {
	path, ok := lookServer()
	if !ok {
		t.Fatal(redistest.Missing)
	}
	dir := t.TempDir()
	p := &process{path: path, name: primary, home: &home{dir: dir}}
	e := endpoint{network: "unix", addrs: []string{filepath.Join(dir, primary+".sock")}, dial: new(net.Dialer).DialContext}
	if err := p.start(t.Context(), e); err != nil {
		t.Fatal(err)
	}
	c := client(t, &Server{endpoint: e}, ClientOptions{})
	_ = c.ShutdownNoSave(t.Context()).Err() // the connection breaks, by design
	<-p.child.Ended()
	err := p.stop()
	for _, want := range []string{"ended before it was stopped (exit status 0)", "User requested shutdown"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("stop: %v; want %q", err, want)
		}
	}
	if _, err := os.Stat(dir); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("directory %s is still there: %v", dir, err)
	}
}

func TestExternalServerIsLeftAlone(t *testing.T) {
	theirs := private(t)
	defer theirs.Close()
	s, err := Start(t.Context(), Options{Addr: theirs.Info().Addr})
	if err != nil {
		t.Fatal(err)
	}
	if s.Info().Mode != External || s.Simulated() || s.Info().Version != theirs.Info().Version {
		t.Errorf("server is %s; want external, the version of %s", s, theirs)
	}
	if err := s.Close(); err != nil {
		t.Errorf("close: %v", err)
	}
	c := client(t, theirs, ClientOptions{})
	if err := c.Ping(t.Context()).Err(); err != nil {
		t.Errorf("after Close the user's server does not answer: %v", err)
	}
	sent := calls(t, c)
	for _, command := range []string{"shutdown", "flushall", "flushdb", "config|set", "client|setinfo", "client|pause"} {
		if sent[command] != 0 {
			t.Errorf("the user's server was sent %s", command)
		}
	}
}

func TestExternalServerWithPassword(t *testing.T) {
	theirs := private(t)
	defer theirs.Close()
	path := theirs.Info().Addr
	admin := client(t, theirs, ClientOptions{})
	if err := admin.ConfigSet(t.Context(), "requirepass", "s3cret").Err(); err != nil {
		t.Fatal(err)
	}
	if _, err := Start(t.Context(), Options{Addr: path}); err == nil || !strings.Contains(err.Error(), "NOAUTH") {
		t.Errorf("without password: %v; want NOAUTH", err)
	}
	_, err := Start(t.Context(), Options{Addr: "unix://:wr0ng@" + path})
	if err == nil || !strings.Contains(err.Error(), "WRONGPASS") || strings.Contains(err.Error(), "wr0ng") {
		t.Errorf("with a wrong password: %v; want WRONGPASS and no password", err)
	}
	s, err := Start(t.Context(), Options{Addr: "unix://:s3cret@" + path + "?db=1"})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if strings.Contains(fmt.Sprint(s, s.Info()), "s3cret") {
		t.Errorf("%s shows the password", s)
	}
	c := client(t, s, ClientOptions{})
	c.Set(t.Context(), "k", "v", 0)
	if err := admin.Get(t.Context(), "k").Err(); !errors.Is(err, redis.Nil) {
		t.Errorf("key of database 1 is in database 0: %v", err)
	}
}

func TestExternalAddressObeysTheDialer(t *testing.T) {
	_, err := Start(t.Context(), Options{Addr: "redis://:s3cret@192.0.2.1:6379"})
	var refused *dial.RefusedError
	if !errors.As(err, &refused) || strings.Contains(err.Error(), "s3cret") {
		t.Errorf("error is %v; want the address refused, without password", err)
	}
	if _, err := Start(t.Context(), Options{Addr: filepath.Join(t.TempDir(), "none.sock")}); err == nil || !strings.Contains(err.Error(), "none.sock") {
		t.Errorf("error is %v; want the unreachable server named", err)
	}
}

func TestEmbeddedServer(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	s, err := Start(t.Context(), Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if !s.Simulated() || s.Info().Mode != Embedded {
		t.Errorf("server is %s; want a simulated one", s)
	}
	c := client(t, s, ClientOptions{Connections: 4})
	if err := c.Set(t.Context(), "k", "v", time.Millisecond).Err(); err != nil {
		t.Fatal(err)
	}
	for c.Exists(t.Context(), "k").Val() != 0 && t.Context().Err() == nil { // its clock runs, so the key dies
	}
	if stats, err := s.Stats(t.Context()); err != nil || len(stats.servers) != 0 {
		t.Errorf("stats are %v, %v; want none", stats, err)
	}
}

// fake puts a redis-server on PATH that runs script.
func fake(t *testing.T, script string) {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "redis-server"), []byte("#!/bin/sh\n"+script+"\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", dir)
	t.Setenv("TMPDIR", t.TempDir())
}

func TestServerThatDoesNotStart(t *testing.T) {
	fake(t, "echo 'Fatal config file error: bad luck' >&2; exit 1")
	_, err := Start(t.Context(), Options{})
	if err == nil || !strings.Contains(err.Error(), "bad luck") {
		t.Errorf("error is %v; want the end of the server's log", err)
	}
	noneLeft(t)
}

func TestServerThatIsNeverReady(t *testing.T) {
	fake(t, "echo 'thinking'; exec /bin/sleep 60")
	for bound := 50 * time.Millisecond; ; bound *= 4 { // a busy machine may not even have begun
		ctx, cancel := context.WithTimeout(t.Context(), bound)
		_, err := Start(ctx, Options{})
		cancel()
		said := errors.Is(err, context.DeadlineExceeded) && strings.Contains(err.Error(), "thinking")
		if !said && (!errors.Is(err, context.DeadlineExceeded) || bound > 10*time.Second) {
			t.Errorf("error is %v; want the deadline and the log", err)
		}
		if said || t.Failed() {
			break
		}
	}
	noneLeft(t)
}

func noneLeft(t *testing.T) {
	t.Helper()
	if left, err := os.ReadDir(os.Getenv("TMPDIR")); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

func TestSocketPathTooLong(t *testing.T) {
	fake(t, "exit 0")
	long := filepath.Join(os.Getenv("TMPDIR"), strings.Repeat("x", 100))
	if err := os.Mkdir(long, 0o700); err != nil {
		t.Fatal(err)
	}
	t.Setenv("TMPDIR", long)
	if _, err := Start(t.Context(), Options{}); err == nil || !strings.Contains(err.Error(), "shorter directory") {
		t.Errorf("error is %v; want advice to set TMPDIR", err)
	}
	noneLeft(t)
}

func TestClientDoesNothingOfItsOwn(t *testing.T) {
	s := private(t)
	defer s.Close()
	control := client(t, s, ClientOptions{})
	before := calls(t, control)
	c := client(t, s, ClientOptions{Connections: 3})
	for range 10 {
		c.Get(t.Context(), "k")
	}
	after := calls(t, control)
	for name, n := range after {
		if n := n - before[name]; n != 0 && name != "get" && name != "hello" && name != "info" {
			t.Errorf("the client sent %d %s; want only hello and what it was told", n, name)
		}
	}
	if n := after["get"]; n != 10 {
		t.Errorf("get arrived %d times; want 10", n)
	}
	if n := after["hello"] - before["hello"]; n > 3 {
		t.Errorf("%d connections were opened; want at most 3", n)
	}
}

// TestEmbeddedServerStaysClosed when a pool dials after it was closed.
func TestEmbeddedServerStaysClosed(t *testing.T) {
	s := startEmbedded()
	if err := s.stop(); err != nil {
		t.Fatal(err)
	}
	if conn, err := s.endpoint.dial(t.Context(), "", ""); err == nil {
		_ = conn.Close()
		t.Error("a server that is closed can be dialed")
	}
}
