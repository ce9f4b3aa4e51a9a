package gateway

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"
)

// pipes is a listener within this process, whose connections know the time of a bubble.
type pipes struct {
	conns  chan net.Conn
	full   int // how often nobody can be let in at first
	once   sync.Once
	closed chan struct{}
}

func newPipes() *pipes { return &pipes{conns: make(chan net.Conn), closed: make(chan struct{})} }

func (p *pipes) Accept() (net.Conn, error) {
	if p.full > 0 {
		p.full--
		return nil, &net.OpError{Op: "accept", Net: "tcp", Err: syscall.EMFILE}
	}
	select {
	case c := <-p.conns:
		return c, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

func (p *pipes) Close() error {
	p.once.Do(func() { close(p.closed) })
	return nil
}

func (p *pipes) Addr() net.Addr { return &net.TCPAddr{} }

// dial is a connection; nil where nobody is let in any more.
func (p *pipes) dial() net.Conn {
	near, far := net.Pipe()
	select {
	case p.conns <- far:
		return near
	case <-p.closed:
		return nil
	}
}

// hosted is a gateway that serves.
type hosted struct {
	*testing.T
	*Gateway
	*pipes
	end    context.CancelFunc
	served chan error
	warned []string
}

// host runs f with the gateway of a document that serves, in a bubble.
func host(t *testing.T, text string, full int, f func(h *hosted)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		h := &hosted{T: t, pipes: newPipes(), served: make(chan error, 1)}
		h.full = full
		p := mustPlan(t, text)
		var err error
		if h.Gateway, err = New(t.Context(), p, Outside{Clock: NewPlainClock(), Warn: func(m string) { h.warned = append(h.warned, m) }}); err != nil {
			t.Fatal(err)
		}
		ctx, end := context.WithCancel(t.Context())
		h.end = end
		go func() { h.served <- h.Serve(ctx, h.pipes, p) }()
		f(h)
		end()
		if err := <-h.served; err != nil {
			t.Error(err)
		}
		if err := h.Gateway.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
}

// say sends text without waiting for who reads it.
func say(c net.Conn, text string) {
	go func() { _, _ = io.WriteString(c, text) }()
}

// answers reads so many answers: their statuses, and whether the last ends its connection.
func (h *hosted) answers(c net.Conn, n int) (statuses []int, last bool) {
	h.Helper()
	in := bufio.NewReader(c)
	for range n {
		r, err := http.ReadResponse(in, nil)
		if err != nil {
			h.Errorf("after answers %v: %v", statuses, err)
			return statuses, true
		}
		_, _ = io.Copy(io.Discard, r.Body)
		statuses, last = append(statuses, r.StatusCode), r.Close
	}
	if !last {
		return statuses, false
	}
	if _, err := in.Peek(1); !errors.Is(err, io.EOF) {
		h.Errorf("after the last answer there is %v; want the end", err)
	}
	return statuses, true
}

const get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n"

// TestConversations: requests that come together are answered in order, those of HTTP/1.0
// as it has them, and what is too large, or no request, with why.
func TestConversations(t *testing.T) {
	host(t, "{limiter: gcra:1/m:2, close_every: 4}", 0, func(h *hosted) {
		for _, c := range []struct {
			name, said string
			statuses   []int
			last       bool
		}{
			{"a pipeline", get + get + get, []int{200, 200, 429}, false},
			{"a pipeline beyond the last", get + get + get + get + get, []int{429, 429, 429, 429}, true},
			{"HTTP/1.0", "GET / HTTP/1.0\r\n\r\n", []int{429}, true},
			{"HTTP/1.0 kept open", "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", []int{429}, false},
			{"the last by the client's word", "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", []int{429}, true},
			{"HEAD", "HEAD / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", []int{429}, true},
			{"chunks", "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n" + get, []int{429, 429}, false},
			{"bad chunks", "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nmany\r\n", []int{400}, true},
			{"large headers", "GET / HTTP/1.1\r\nHost: a\r\nX: " + strings.Repeat("x", 100<<10) + "\r\n\r\n", []int{431}, true},
			{"a large body", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 999999999\r\n\r\n" + strings.Repeat("x", 17<<20), []int{413}, true},
			{"no request", "what?\r\n\r\n", []int{400}, true},
			{"no host", "GET / HTTP/1.1\r\n\r\n", []int{400}, true},
		} {
			conn := h.dial()
			say(conn, c.said)
			if got, last := h.answers(conn, len(c.statuses)); fmt.Sprint(got) != fmt.Sprint(c.statuses) || last != c.last {
				t.Errorf("%s is answered with %v, last: %v; want %v, %v", c.name, got, last, c.statuses, c.last)
			}
			_ = conn.Close()
			synctest.Wait()
		}
		if ok, rejected, bad := h.Counts().Of(OK), h.Counts().Of(Rejected), h.Counts().Of(Bad); ok != 2 || rejected != 11 || bad != 2 {
			t.Errorf("%d ok, %d rejected, %d bad; want 2, 11, 2", ok, rejected, bad)
		}
	})
}

// TestSlowClients: who takes for ever over headers or a body is shown the door, and holds
// up nobody.
func TestSlowClients(t *testing.T) {
	host(t, "limiter: gcra:1000/s:1000", 0, func(h *hosted) {
		drip := func(c net.Conn, text string) {
			for {
				if _, err := io.WriteString(c, text); err != nil {
					return
				}
				time.Sleep(time.Second)
			}
		}
		began := time.Now()
		headers, body, quick := h.dial(), h.dial(), h.dial()
		go func() {
			_, _ = io.WriteString(headers, "GET / HTTP/1.1\r\n")
			drip(headers, "X: y\r\n")
		}()
		go func() {
			_, _ = io.WriteString(body, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n")
			drip(body, "x")
		}()
		for range 5 {
			say(quick, get)
			if got, _ := h.answers(quick, 1); got[0] != 200 {
				t.Errorf("beside slow clients a quick one is answered with %v", got)
			}
			time.Sleep(500 * ms)
		}
		if rest, err := io.ReadAll(headers); err != nil || len(rest) > 0 || time.Since(began) != headersWithin {
			t.Errorf("who is slow with headers is answered %q, %v, after %v; want the end after %v", rest, err, time.Since(began), headersWithin)
		}
		got, last := h.answers(body, 1)
		if took := time.Since(began); got[0] != 408 || !last || took < bodyWithin || took > bodyWithin+time.Second {
			t.Errorf("who is slow with a body is answered with %v, last: %v, after %v; want 408 after %v", got, last, took, bodyWithin)
		}
		if bad, n := h.Counts().Of(Bad), h.Counts().Requests(); bad != 1 || n != 6 {
			t.Errorf("%d bad of %d; want 1 of 6", bad, n)
		}
		say(quick, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nx")
		if got, _ := h.answers(quick, 1); got[0] != 200 {
			t.Errorf("a body that comes at once is answered with %v", got)
		}
		time.Sleep(2 * bodyWithin)
		say(quick, get)
		if got, _ := h.answers(quick, 1); got[0] != 200 {
			t.Errorf("long after a body its connection is answered with %v", got)
		}
		_ = quick.Close()
	})
}

// TestDrain: who is being served when it ends is answered, if that takes no longer than a
// moment, and told that it was the last; nobody else is let in.
func TestDrain(t *testing.T) {
	for service, want := range map[time.Duration]struct {
		outcome Outcome
		ended   time.Duration
	}{time.Second: {OK, time.Second}, time.Minute: {Left, 100*ms + endWithin}} {
		host(t, "service: constant:"+service.String(), 0, func(h *hosted) {
			busy, idle := h.dial(), h.dial()
			say(idle, "GET "+MetricsPath+" HTTP/1.1\r\nHost: a\r\n\r\n")
			h.answers(idle, 1)
			say(busy, get)
			time.Sleep(100 * ms)
			h.end()
			synctest.Wait()
			if h.dial() != nil {
				t.Error("somebody is let in after the end")
			}
			if rest, err := io.ReadAll(idle); err != nil || len(rest) > 0 {
				t.Errorf("who asks nothing is told %q, %v; want the end", rest, err)
			}
			if want.outcome == OK {
				if got, last := h.answers(busy, 1); got[0] != 200 || !last {
					t.Errorf("who is being served is answered with %v, last: %v", got, last)
				}
			} else if rest, err := io.ReadAll(busy); err != nil || len(rest) > 0 {
				t.Errorf("who waits for too long is told %q, %v; want the end", rest, err)
			}
			if now := h.clock.Now(); now != want.ended {
				t.Errorf("a service of %v is over at %v; want %v", service, now, want.ended)
			}
			h.served <- <-h.served
			_ = h.Gateway.Close(context.Background())
			if n := h.Counts().Of(want.outcome); n != 1 || h.Counts().Requests() != 1 {
				t.Errorf("of a service of %v %d are %v; want 1", service, n, want.outcome)
			}
		})
	}
}

// TestNobodyLetIn: that this machine can let in nobody is said, once, and over when it can.
func TestNobodyLetIn(t *testing.T) {
	host(t, "{}", 3, func(h *hosted) {
		conn := h.dial()
		say(conn, get)
		if got, _ := h.answers(conn, 1); got[0] != 200 {
			t.Errorf("it is answered with %v", got)
		}
		if want := "nobody is let in for now: accept tcp: too many open files"; len(h.warned) != 1 || h.warned[0] != want {
			t.Errorf("it says %q; want %q", h.warned, want)
		}
		_ = conn.Close()
	})
}

// TestManyClients: each of many clients at once has a limit of its own, to the request.
func TestManyClients(t *testing.T) {
	host(t, "{limiter: gcra:1/m:3, key: header:x-client, service: constant:5ms, servers: 50, queue: 1000}", 0, func(h *hosted) {
		const clients, each = 100, 5
		var all sync.WaitGroup
		for i := range clients {
			all.Go(func() {
				conn := h.dial()
				defer conn.Close()
				for k := range each {
					say(conn, fmt.Sprintf("GET / HTTP/1.1\r\nHost: a\r\nX-Client: %d\r\n\r\n", i))
					want := 200
					if k >= 3 {
						want = 429
					}
					if got, _ := h.answers(conn, 1); got[0] != want {
						t.Errorf("request %d of client %d is answered with %v; want %d", k, i, got, want)
					}
				}
			})
		}
		all.Wait()
		if ok, no := h.Counts().Of(OK), h.Counts().Of(Rejected); ok != 3*clients || no != 2*clients {
			t.Errorf("%d ok, %d rejected; want %d, %d", ok, no, 3*clients, 2*clients)
		}
	})
}
