package redisproc

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
)

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
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
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

// calls is how often a server says that it was sent each command, by lower-case
// name. What a script calls is counted under its own name again.
func calls(t *testing.T, c redis.Cmdable) map[string]int64 {
	t.Helper()
	text, err := c.Info(t.Context(), "commandstats").Result()
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]int64{}
	for key, value := range fields(text) {
		var n int64
		if name, ok := strings.CutPrefix(key, "cmdstat_"); ok {
			if _, err := fmt.Sscanf(value, "calls=%d", &n); err != nil {
				t.Fatal(err)
			}
			all[name] = n
		}
	}
	return all
}
