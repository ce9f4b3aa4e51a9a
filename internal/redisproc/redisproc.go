// Package redisproc finds or starts the Redis that a run measures against.
//
// In order: the server that the user names; else a private redis-server from
// PATH, on a unix socket in a directory of its own and without persistence;
// else a Redis embedded in this process, which behaves but is far too slow to
// measure, and says so ([Server.Simulated]).
//
// A private server lives exactly as long as its Server: [Server.Close] stops it
// and removes its directory, and on Linux the kernel ends it should this process
// die without closing. A server that the user named is never configured,
// flushed, paused or stopped.
package redisproc

import (
	"context"
	"errors"
	"fmt"
	"net"
	"time"

	"github.com/fcbench/fcbench/internal/dial"
	"github.com/redis/go-redis/v9"
)

// startTimeout bounds finding or starting a server, however patient the caller's
// context is: a private one is ready in some 10 ms, a remote one in a round trip.
const startTimeout = 10 * time.Second

// Mode says where a server came from.
type Mode uint8

// The modes, in the order in which Start prefers them.
const (
	External Mode = iota + 1 // named by the user
	Private                  // started for this run
	Embedded                 // inside this process
)

// String returns the mode's name in result files.
func (m Mode) String() string {
	return [...]string{"unset", "external", "private", "embedded"}[m]
}

// Options say which server to use.
type Options struct {
	// Addr names a server: host:port, the path of a unix socket, or a URL
	// redis://[user:password@]host:port[/db] (rediss:// for TLS, unix:// for a
	// socket). Empty: a server of fcbench's own.
	Addr string
	// Dialer makes all connections; nil reaches loopback and unix sockets.
	Dialer *dial.Dialer
}

// Server is a Redis that answers. Its methods are safe for concurrent use.
type Server struct {
	info     Info
	endpoint endpoint
	control  *redis.Client // for questions of our own, never for the load
	stop     func() error
}

// Info describes a server for tables and result files.
type Info struct {
	Mode    Mode
	Addr    string // without password
	Version string // such as "redis 7.0.15"; "unknown" when the server does not tell
}

// Start returns a server that has answered a PING.
func Start(ctx context.Context, o Options) (*Server, error) {
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	redis.SetLogger(silent{}) // every failure comes back as an error; said once is enough
	if o.Dialer == nil {
		loopback, err := dial.New(nil)
		if err != nil {
			return nil, err
		}
		o.Dialer = loopback
	}
	s, err := find(ctx, o)
	if err != nil {
		return nil, err
	}
	s.control = redis.NewClient(s.endpoint.options(ClientOptions{Connections: 1}).Simple())
	if err := s.greet(ctx); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

func find(ctx context.Context, o Options) (*Server, error) {
	if o.Addr != "" {
		return external(ctx, o)
	}
	if path, ok := lookServer(); ok {
		return startPrivate(ctx, path, o.Dialer)
	}
	return startEmbedded(), nil
}

func external(ctx context.Context, o Options) (*Server, error) {
	e, err := parseAddr(o.Addr)
	if err != nil {
		return nil, err
	}
	e.dial = o.Dialer.DialContext
	if e.network == "tcp" {
		if err := o.Dialer.Check(ctx, e.addr); err != nil {
			return nil, fmt.Errorf("redis %s: %w", e, err)
		}
	}
	return &Server{info: Info{Mode: External}, endpoint: e, stop: func() error { return nil }}, nil
}

// greet makes sure that the server answers, and asks for its version.
func (s *Server) greet(ctx context.Context) error {
	if err := s.control.Ping(ctx).Err(); err != nil {
		return fmt.Errorf("redis %s: %w", s.endpoint, err)
	}
	s.info.Addr = s.endpoint.String()
	if s.info.Mode == Embedded {
		return nil
	}
	text, err := s.control.Info(ctx, "server").Result()
	var denied redis.Error
	if err != nil && !errors.As(err, &denied) { // an account that may not ask is no reason to stop
		return fmt.Errorf("redis %s: INFO: %w", s.endpoint, err)
	}
	s.info.Version = version(text)
	return nil
}

// Info describes the server.
func (s *Server) Info() Info { return s.info }

// Simulated reports whether the server is an imitation, whose speed says nothing about Redis.
func (s *Server) Simulated() bool { return s.info.Mode == Embedded }

// String names the server without its password.
func (s *Server) String() string {
	return fmt.Sprintf("%s %s at %s", s.info.Mode, s.info.Version, s.info.Addr)
}

// Close stops the server if fcbench started it, and waits until it is gone.
// Clients are closed by whoever asked for them.
func (s *Server) Close() error {
	return errors.Join(s.control.Close(), s.stop())
}

// endpoint is how to reach a server and log in.
type endpoint struct {
	login
	network, addr string
	dial          func(ctx context.Context, network, addr string) (net.Conn, error)
}

// silent drops what go-redis would print to stderr by itself.
type silent struct{}

func (silent) Printf(context.Context, string, ...any) {}
