package echo

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
)

// called connects to a null service in a process of its own.
func called(t *testing.T, s Service) net.Conn {
	t.Helper()
	t.Setenv("GORACE", "atexit_sleep_ms=0")
	n, err := StartNull(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	conn, err := net.Dial("tcp", n.Address)
	if err != nil {
		t.Fatal(err)
	}
	if err := conn.SetDeadline(time.Now().Add(20 * time.Second)); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		n.Close()
		if _, err := conn.Read(make([]byte, 1)); err == nil || n.service.Wait() != nil {
			t.Errorf("it ended with %v, and its connections with %v; want both to end", n.service.Wait(), err)
		}
		_ = conn.Close()
	})
	return conn
}

// TestNullHTTP: every request has one answer, whatever it brings and in whatever pieces.
func TestNullHTTP(t *testing.T) {
	conn := called(t, HTTP)
	in := bufio.NewReader(conn)
	long := strings.Repeat("x", 3*largestHead)
	for name, pieces := range map[string][]string{
		"whole":            {"GET / HTTP/1.1\r\nHost: a\r\n\r\n"},
		"in pieces":        {"GET / HTTP/1.1\r", "\nHost: a\r\n\r", "\n"},
		"with a body":      {"POST /a HTTP/1.1\r\nHost: a\r\ncontent-length:  5\r\n\r\nhel", "lo"},
		"a long body":      {"PUT /a HTTP/1.1\r\nHost: a\r\nContent-Length: " + fmt.Sprint(len(long)) + "\r\n\r\n", long},
		"a head in a body": {"POST /a HTTP/1.1\r\nContent-Length: 22\r\n\r\nGET / HTTP/1.1\r\n\r\nabcd"},
	} {
		for _, piece := range pieces {
			if _, err := io.WriteString(conn, piece); err != nil {
				t.Fatal(name, err)
			}
		}
		r, err := http.ReadResponse(in, nil)
		if err != nil || r.StatusCode != 200 || r.ContentLength != 0 {
			t.Fatalf("%s: %+v, %v; want 200 and nothing", name, r, err)
		}
		_ = r.Body.Close()
		if in.Buffered() > 0 {
			t.Errorf("%s: there is more than one answer", name)
		}
	}
	if _, err := io.WriteString(conn, "GET /1 HTTP/1.1\r\n\r\nGET /2 HTTP/1.1\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		r, err := http.ReadResponse(in, nil)
		if err != nil {
			t.Fatal(err)
		}
		_ = r.Body.Close()
	}
}

// TestNullBytes sends back what comes.
func TestNullBytes(t *testing.T) {
	conn := called(t, Bytes)
	got := make([]byte, 5)
	for _, message := range []string{"abcde", "\x00\x03xyz"} {
		if _, err := io.WriteString(conn, message); err != nil {
			t.Fatal(err)
		}
		if _, err := io.ReadFull(conn, got); err != nil || string(got) != message {
			t.Errorf("%q came back as %q, %v", message, got, err)
		}
	}
}
