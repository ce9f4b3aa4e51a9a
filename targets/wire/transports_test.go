package wire_test

import (
	"crypto/tls"
	"net"
	"testing"
	"time"

	"github.com/fcbench/fcbench/targets/wire"
)

// transport is what lies between HTTP and the network.
type transport string

// transports are those that every rule holds for.
var transports = []transport{"TCP", "TLS"}

// combination is an engine and what it speaks over.
type combination struct {
	engine    wire.Engine
	transport transport
}

func (c combination) String() string {
	return "the " + string(c.engine) + " engine over " + string(c.transport)
}

func combined() (all []combination) {
	for _, engine := range engines {
		for _, over := range transports {
			all = append(all, combination{engine, over})
		}
	}
	return all
}

// serve is a service over it, and how it is reached.
func (o transport) serve(t testing.TB, f func(net.Conn)) wire.HTTPConfig {
	t.Helper()
	if o == "TCP" {
		return wire.HTTPConfig{URL: "http://" + serve(t, f)}
	}
	config := certified(t)
	return insecurely(serve(t, func(conn net.Conn) {
		secure := tls.Server(conn, config)
		defer secure.Close()
		f(secure)
	}))
}

// insecurely is how a service over TLS is reached that nobody vouches for.
func insecurely(addr string) wire.HTTPConfig {
	return wire.HTTPConfig{URL: "https://" + addr, TLS: &wire.TLSConfig{Insecure: true}}
}

// certified is TLS of a service with a certificate, by the cheapest handshake there is.
func certified(t testing.TB) *tls.Config {
	t.Helper()
	pair, err := tls.LoadX509KeyPair(issue(t, "a.example", time.Now().Add(time.Hour)))
	if err != nil {
		t.Fatal(err)
	}
	return &tls.Config{Certificates: []tls.Certificate{pair}, CurvePreferences: []tls.CurveID{tls.X25519}}
}

// cut ends a connection by a reset.
func cut(conn net.Conn) {
	if secure, ok := conn.(*tls.Conn); ok {
		conn = secure.NetConn()
	}
	conn.(*net.TCPConn).SetLinger(0)
	conn.Close()
}
