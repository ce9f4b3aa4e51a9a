package gateway

import (
	"context"
	"errors"
	"fmt"
	"log"
	"net"
	"net/http"
	"strconv"
	"time"

	"github.com/fcbench/fcbench/internal/strictyaml"
)

const (
	headersWithin = 10 * time.Second // from the first byte of a request
	maxHeaders    = 64 << 10
	endWithin     = 2 * time.Second // what is under way when the service ends
)

// connection is the key of a [served] in the context of a request.
type connection struct{}

// served counts the requests of a connection, which come one after the other.
type served struct {
	n        int
	farewell [1]string
}

// last reports whether the connection is closed after this request.
func (c *served) last(every int) bool {
	c.n++
	return every > 0 && c.n >= every
}

// Serve answers on l until ctx ends, and then gives what is under way a moment. It
// closes l. The gateway is still to be closed.
func (g *Gateway) Serve(ctx context.Context, l net.Listener, p *Plan) error {
	requests, cut := context.WithCancel(context.WithoutCancel(ctx))
	defer cut()
	server := &http.Server{
		BaseContext: func(net.Listener) context.Context { return requests },
		Handler:     g, ReadHeaderTimeout: headersWithin, MaxHeaderBytes: maxHeaders, IdleTimeout: p.IdleTimeout,
		ErrorLog: log.New(&complaints{warn: g.warn, clock: g.clock}, "", 0),
	}
	if p.IdleTimeout == 0 {
		server.IdleTimeout = -1 // or it would be that of headers
	}
	if p.CloseEvery > 0 {
		server.ConnContext = func(ctx context.Context, _ net.Conn) context.Context {
			return context.WithValue(ctx, connection{}, &served{farewell: [1]string{"close"}})
		}
	}
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(l) }()
	select {
	case err := <-failed:
		return errors.Join(err, server.Close())
	case <-ctx.Done():
	}
	ending, cancel := context.WithTimeout(context.WithoutCancel(ctx), endWithin)
	defer cancel()
	err := server.Shutdown(ending)
	if errors.Is(err, context.DeadlineExceeded) {
		cut() // so that whoever is answered too late knows, and is not counted as answered
		err = server.Close()
	}
	if served := <-failed; !errors.Is(served, http.ErrServerClosed) {
		err = errors.Join(err, served)
	}
	return err
}

// DefaultListen is a free port on loopback.
const DefaultListen = "127.0.0.1:0"

// CheckListen refuses an address that is none.
func CheckListen(addr string) error {
	_, port, err := net.SplitHostPort(addr)
	if err == nil {
		_, err = strconv.ParseUint(port, 10, 16)
	}
	if err != nil {
		return fmt.Errorf("listen is %q; want HOST:PORT, such as 127.0.0.1:8080, or port 0 for a free one", addr)
	}
	return nil
}

func (c *checker) listen(doc *strictyaml.Node, addr string) {
	if err := CheckListen(addr); err != nil {
		c.problem(at(doc, "listen"), "%v", err)
	}
}
