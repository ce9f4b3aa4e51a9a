package echo

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"sync"

	"github.com/fcbench/fcbench/internal/child"
)

// Service is what a null service speaks.
type Service string

// The null services: each HTTP/1 request is answered with an empty 200, or each byte with
// itself, and so every framed message with one.
const (
	HTTP  Service = "answer-http-with-nothing"
	Bytes Service = "answer-bytes-with-themselves"
)

// Null is another process that answers over TCP, and does nothing else. What load on it
// takes is the generator's own, and that of the loopback between them.
type Null struct {
	Address string // host:port
	service *child.Service
}

// StartNull starts this program again as a null service.
func StartNull(ctx context.Context, s Service) (*Null, error) {
	service, addr, err := startAgain(ctx, string(s))
	if err != nil {
		return nil, err
	}
	return &Null{addr.String(), service}, nil
}

// Close ends the service.
func (n *Null) Close() {
	_ = n.service.Close(endWithin) // however it ends, it has answered
}

// serveNull says where it listens, and answers until its input ends.
func serveNull(s Service, in io.Reader, out io.Writer) error {
	l, err := net.ListenTCP("tcp4", net.TCPAddrFromAddrPort(loopback(0)))
	if err != nil {
		return err
	}
	if _, err := fmt.Fprintln(out, l.Addr()); err != nil {
		return errors.Join(err, l.Close())
	}
	var all callers
	go func() {
		_, _ = io.Copy(io.Discard, in)
		_ = l.Close()
		all.end()
	}()
	defer all.answering.Wait()
	for {
		conn, err := l.AcceptTCP()
		switch {
		case errors.Is(err, net.ErrClosed):
			return nil
		case err != nil:
			return err
		}
		all.answer(s, conn)
	}
}

// callers are the connections that there are.
type callers struct {
	answering sync.WaitGroup
	mu        sync.Mutex
	open      map[*net.TCPConn]bool
	ended     bool
}

// answer answers one until it is closed.
func (c *callers) answer(s Service, conn *net.TCPConn) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.ended {
		_ = conn.Close()
		return
	}
	if c.open == nil {
		c.open = map[*net.TCPConn]bool{}
	}
	c.open[conn] = true
	c.answering.Go(func() {
		if s == HTTP {
			answerRequests(conn)
		} else {
			_, _ = io.CopyBuffer(struct{ io.Writer }{conn}, struct{ io.Reader }{conn}, make([]byte, largestHead))
		}
		c.mu.Lock()
		defer c.mu.Unlock()
		delete(c.open, conn)
		_ = conn.Close()
	})
}

// end closes all, and whoever comes later.
func (c *callers) end() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ended = true
	for conn := range c.open {
		_ = conn.Close()
	}
}

const (
	largestHead = 64 << 10
	nothing     = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
)

// answerRequests answers every request, of which it reads no more than how long it is.
func answerRequests(conn io.ReadWriter) {
	buf := make([]byte, largestHead)
	var held int   // bytes of buf
	var body int64 // that are still to come of a request
	due := false   // the answer to it
	for {
		n, err := conn.Read(buf[held:])
		if err != nil {
			return
		}
		held += n
		for {
			skipped := int(min(body, int64(held)))
			held, body = copy(buf, buf[skipped:held]), body-int64(skipped)
			if due && body == 0 {
				due = false
				if _, err := io.WriteString(conn, nothing); err != nil {
					return
				}
			}
			end := bytes.Index(buf[:held], []byte("\r\n\r\n"))
			if body > 0 || end < 0 {
				break
			}
			body, due = bodyOf(buf[:end+2]), true
			held = copy(buf, buf[end+4:held])
		}
		if held == len(buf) {
			return
		}
	}
}

// bodyOf is how many bytes follow a head.
func bodyOf(head []byte) int64 {
	for line := range bytes.SplitSeq(head, []byte("\r\n")) {
		name, value, _ := bytes.Cut(line, []byte(":"))
		if bytes.EqualFold(name, []byte("Content-Length")) {
			n, _ := strconv.ParseInt(string(bytes.TrimSpace(value)), 10, 64)
			return max(0, n)
		}
	}
	return 0
}
