package wire

import (
	"cmp"
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"net/netip"
	"sync/atomic"
	"time"

	"github.com/fcbench/fcbench/internal/stamp"
	"github.com/fcbench/fcbench/results"
	"github.com/fcbench/fcbench/targets"
)

// Dialer reaches services; the safety rule about hosts lives in it.
type Dialer interface {
	DialContext(ctx context.Context, network, addr string) (net.Conn, error)
	// Resolve returns the addresses that DialContext would try, in turn.
	Resolve(ctx context.Context, network, addr string) ([]netip.AddrPort, error)
}

// Engine says how bytes are carried.
type Engine string

// The engines. Auto is the event loop where it can be, else the portable one.
const (
	Auto     Engine = "auto"
	Event    Engine = "event"
	Portable Engine = "portable"
)

// check reports why no service can have the engine.
func (e Engine) check() error {
	switch {
	case e != "" && e != Auto && e != Event && e != Portable:
		return fmt.Errorf("engine is %q; want auto, event or portable", string(e))
	case e == Event && !eventful():
		return fmt.Errorf("engine is event; want portable, or auto, which is that here: this system has no epoll_pwait2")
	}
	return nil
}

// checkDepth reports why requests cannot share connections.
func (e Engine) checkDepth(depth int) error {
	if depth > 1 && (e == Portable || !eventful()) {
		return fmt.Errorf("depth is %d beside the portable engine, which has one request on a connection; want depth 1, or the event engine", depth)
	}
	return nil
}

// Options say where a service is and how it is reached.
type Options struct {
	Network     string // "tcp", which is what none means, "unix", or what only the dialer knows
	Address     string // host:port, or the path of a socket
	TLS         *tls.Config
	Dialer      Dialer
	Engine      Engine
	Connections int  // at most so many at once; 0 for as many as are in flight
	Depth       int  // requests on a connection at once
	Phases      bool // connecting, TLS and the first byte are measured apart

	// ConnectTimeout is how long it may take to make a connection, the handshake of TLS
	// included; 0 for as long as the request has that it is made for.
	ConnectTimeout time.Duration

	abandoned *atomic.Bool // set when a request is given up, which the service may do yet
}

// Service is a service that requests are sent to by the bytes of a codec.
type Service struct {
	options Options
	codec   Codec
	info    targets.Info
	witness stamp.Witness
	*portable
}

// NewService returns the target of a service; nothing is sent yet.
func NewService(codec Codec, o Options) *Service {
	o.abandoned = new(atomic.Bool)
	return &Service{
		options: o, codec: codec, portable: newPortable(codec, o),
		info: targets.Info{Scope: "service", Address: o.Address, Lanes: o.Connections, Phases: o.Phases},
	}
}

// Info says where requests go.
func (s *Service) Info() targets.Info { return s.info }

// Open connects to nothing: connections are made as they are needed. It has the
// kernel note when answers arrive.
func (s *Service) Open(context.Context) error {
	s.witness.Open()
	return nil
}

// Begin has nothing to do: a service keeps its state.
func (s *Service) Begin(context.Context, targets.TrialID) error { return nil }

// End has nothing to do.
func (s *Service) End(context.Context) error { return nil }

// Lane is an event loop, or a worker for each request in flight, as many as there
// may be connections. A name that cannot be resolved now is left to the workers, who
// ask for each connection.
func (s *Service) Lane(ctx context.Context, env targets.Env, i, n int) (targets.Async, error) {
	if s.evented(env) {
		if addrs, err := s.addresses(ctx); err == nil {
			limit := env.InFlight
			if c := s.options.Connections; c > 0 {
				limit = min(limit, targets.Share(c, i, n))
			}
			return newLane(ctx, s.codec, env, addrs, limit, s.options)
		}
	}
	return targets.Pooled(s, s.info, s.options.Connections).Lane(ctx, env, i, n)
}

// addresses are those that an event loop connects to in turn; none of a socket.
func (s *Service) addresses(ctx context.Context) ([]netip.AddrPort, error) {
	if s.options.Network == "unix" {
		return nil, nil
	}
	return s.options.Dialer.Resolve(ctx, "tcp", s.options.Address)
}

// evented reports whether lanes are event loops, which follow the world's time.
func (s *Service) evented(env targets.Env) bool {
	engine := cmp.Or(s.options.Engine, Auto)
	return engine != Portable && env.Time == results.Real && carries(s.options.Network, s.options.TLS != nil)
}

// carries reports whether there are event loops here that reach a network.
func carries(network string, secure bool) bool {
	return (network == "" || network == "tcp" || network == "unix" && !secure) && eventful()
}

// Close closes the connections that are kept.
func (s *Service) Close(context.Context) error {
	s.witness.Close()
	return s.portable.close()
}
