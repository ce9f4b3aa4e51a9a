package redisproc

import (
	"context"
	"net"

	"github.com/alicebob/miniredis/v2"
)

// startEmbedded starts a pure-Go Redis behind in-memory connections: no port is opened.
func startEmbedded() *Server {
	m := miniredis.NewMiniRedis()
	m.ClockTTL(true) // by default its keys never expire, and a limiter's keys must
	dial := func(context.Context, string, string) (net.Conn, error) { return m.Dial() }
	return &Server{
		info:     Info{Mode: Embedded, Version: "miniredis"},
		endpoint: endpoint{network: "pipe", addrs: []string{"this process"}, dial: dial},
		stop:     func() error { m.Close(); return nil },
	}
}
