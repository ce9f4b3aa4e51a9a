package redisproc

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
)

// node is a redis-server that a test runs on a port of loopback.
type node struct {
	*redis.Client // not one of redisproc's
	addr, port    string
	process       *exec.Cmd
}

// runServer runs a redis-server with arguments of its own, until the test ends.
func runServer(t *testing.T, args ...string) *node {
	t.Helper()
	path, ok := lookServer()
	if !ok {
		t.Fatal(missing)
	}
	port := freePort(t)
	dir := t.TempDir()
	args = append(args, "--port", port, "--bind", "127.0.0.1", "--dir", dir, "--save", "", "--appendonly", "no",
		"--logfile", filepath.Join(dir, "log"))
	n := &node{addr: "127.0.0.1:" + port, port: port, process: exec.Command(path, args...)}
	if err := n.process.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = n.process.Process.Kill(); _ = n.process.Wait() })
	o := &redis.Options{Addr: n.addr, DisableIdentity: true, DialerRetries: 1}
	if i := slices.Index(args, "--requirepass"); i >= 0 {
		o.Password = args[i+1]
	}
	n.Client = redis.NewClient(o)
	t.Cleanup(func() { n.Client.Close() })
	wait(t, "the server at "+n.addr, func() bool {
		conn, err := net.Dial("tcp", n.addr)
		if err == nil {
			conn.Close()
		}
		return err == nil
	})
	return n
}

func (n *node) signal(t *testing.T, s syscall.Signal) {
	t.Helper()
	if err := n.process.Process.Signal(s); err != nil {
		t.Error(err) // perhaps from a goroutine of its own
	}
}

func (n *node) do(t *testing.T, args ...any) string {
	t.Helper()
	reply, err := n.Do(t.Context(), args...).Result()
	if err != nil {
		t.Fatalf("%v at %s: %v", args, n.addr, err)
	}
	return fmt.Sprint(reply)
}

// freePort returns a port that nobody listened on a moment ago.
func freePort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	_, port, err := net.SplitHostPort(l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	return port
}

// wait looks until what is asked for is there.
func wait(t *testing.T, what string, there func() bool) {
	t.Helper()
	look := time.NewTicker(2 * time.Millisecond)
	defer look.Stop()
	for deadline := time.Now().Add(20 * time.Second); !there(); <-look.C {
		if time.Now().After(deadline) {
			t.Fatalf("%s is not there after 20 s", what)
		}
	}
}

// pretend runs a server that answers commands, in lower case, as reply says.
func pretend(t *testing.T, reply func(command string) string) (addr string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go converse(conn, reply)
		}
	}()
	return l.Addr().String()
}

func converse(conn net.Conn, reply func(string) string) {
	defer conn.Close()
	r := bufio.NewReader(conn)
	for {
		var n int
		if _, err := fmt.Fscanf(r, "*%d\r\n", &n); err != nil {
			return
		}
		words := make([]string, n)
		for i := range words {
			var size int
			if _, err := fmt.Fscanf(r, "$%d\r\n", &size); err != nil {
				return
			}
			word := make([]byte, size+2)
			if _, err := io.ReadFull(r, word); err != nil {
				return
			}
			words[i] = string(word[:size])
		}
		if _, err := io.WriteString(conn, reply(strings.ToLower(strings.Join(words, " ")))); err != nil {
			return
		}
	}
}

// bulk writes strings as an array of RESP.
func bulk(words ...string) string {
	text := "*" + strconv.Itoa(len(words)) + "\r\n"
	for _, w := range words {
		text += fmt.Sprintf("$%d\r\n%s\r\n", len(w), w)
	}
	return text
}

// start starts redisproc on the server that addr names, until the test ends.
func start(t *testing.T, addr string) *Server {
	t.Helper()
	s, err := Start(t.Context(), Options{Addr: addr})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return s
}

// refused wants Start to fail, with a text and without secrets.
func refused(t *testing.T, addr string, want ...string) error {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	s, err := Start(ctx, Options{Addr: addr})
	if err == nil {
		_ = s.Close()
		t.Fatalf("%s is accepted; want %q", addr, want)
	}
	for _, text := range want {
		if !strings.Contains(err.Error(), text) {
			t.Errorf("%s: %v; want %q", addr, err, text)
		}
	}
	if strings.Contains(err.Error(), "s3cret") {
		t.Errorf("error shows the password: %v", err)
	}
	return err
}
