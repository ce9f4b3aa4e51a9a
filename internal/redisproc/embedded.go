package redisproc

import (
	"context"
	"net"
	"sync"

	"github.com/alicebob/miniredis/v2"
)

// embedded is a pure-Go Redis behind in-memory connections: no port is opened. Dials
// and the close take turns, since one that came too late would start it once more, and
// a client's pool dials on its own.
type embedded struct {
	mu     sync.Mutex
	redis  *miniredis.Miniredis
	closed bool
}

func startEmbedded() *Server {
	e := &embedded{redis: miniredis.NewMiniRedis()}
	e.redis.ClockTTL(true) // by default its keys never expire, and a limiter's keys must
	return &Server{
		info:     Info{Mode: Embedded, Version: "miniredis"},
		endpoint: endpoint{network: "pipe", addrs: []string{"this process"}, dial: e.dial},
		stop:     e.close,
	}
}

func (e *embedded) dial(context.Context, string, string) (net.Conn, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.closed {
		return nil, net.ErrClosed
	}
	return e.redis.Dial()
}

func (e *embedded) close() error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if !e.closed {
		e.closed = true
		e.redis.Close()
	}
	return nil
}
