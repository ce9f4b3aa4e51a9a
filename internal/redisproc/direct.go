package redisproc

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/netip"
)

// Direct is how a server is reached by whoever speaks its protocol without a client
// of this package. It dials nothing but what may be dialled.
type Direct struct {
	Network, Address   string // tcp, unix, or pipe, which stays within this process
	TLS                *tls.Config
	Username, Password string // of nobody where there is no password
	DB                 int
	endpoint           endpoint
}

// Direct says how the server is reached, or why it cannot be by one connection.
func (s *Server) Direct() (Direct, error) {
	e := s.endpoint
	switch e.kind {
	case cluster:
		return Direct{}, errors.New("redis is a cluster, whose nodes send on to each other")
	case sentinel:
		return Direct{}, errors.New("redis is found by asking sentinels, again and again")
	}
	d := Direct{Network: e.network, Address: e.addrs[0], Username: e.username, Password: e.password, DB: e.db, endpoint: e}
	if e.tls != nil {
		d.TLS = e.tls.Clone()
		if host, _, err := net.SplitHostPort(d.Address); err == nil && d.TLS.ServerName == "" {
			d.TLS.ServerName = host
		}
	}
	return d, nil
}

// DialContext connects, without TLS.
func (d Direct) DialContext(ctx context.Context, network, addr string) (net.Conn, error) {
	return d.endpoint.dial(ctx, network, addr)
}

// Resolve returns the addresses that DialContext would try in turn.
func (d Direct) Resolve(ctx context.Context, network, addr string) ([]netip.AddrPort, error) {
	if d.endpoint.resolve == nil {
		return nil, fmt.Errorf("%s is on no network", addr)
	}
	return d.endpoint.resolve(ctx, network, addr)
}
