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
// flushed, paused or stopped: the faults ([Server.Kill] and the like) are for
// private servers alone.
package redisproc

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"sync/atomic"
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
	// Addr names a server: host:port, the path of a unix socket, or a URL.
	// Empty: a server of fcbench's own.
	//
	//	redis://[user:password@]host:port[/db]
	//	unix://[user:password@]/path[?db=N]
	//	redis-cluster://[user:password@]host:port,host:port
	//	redis-sentinel://[user:password@]host:port,host:port/master[?db=N]
	//
	// rediss, rediss-cluster and rediss-sentinel do the same over TLS, with the
	// parameters ca_file, cert_file, key_file (PEM), server_name, and
	// skip_verify=true for who wants no protection. Who logs in to a sentinel is
	// sentinel_username and sentinel_password. ${NAME} in a URL stands for the
	// value of an environment variable, as it is, without percent-encoding.
	Addr string
	// Login is how to log in at host:port or a socket, where that is not said by a URL;
	// nil for nothing.
	Login *Login
	// Dialer makes all connections; nil reaches loopback and unix sockets.
	Dialer *dial.Dialer
}

// Login is who logs in, where to, and how.
type Login struct {
	Username, Password string
	DB                 int
	TLS                *tls.Config // nil for none; without a server name a certificate must be for the host that is dialled
}

// Server is a Redis that answers. Its methods are safe for concurrent use.
type Server struct {
	info     Info
	endpoint endpoint
	control  redis.UniversalClient // for questions of our own, never for the load
	process  *process              // of a private server
	delay    atomic.Int64          // of replies to the load, in nanoseconds
	stop     func() error
}

// Info describes a server for tables and result files.
type Info struct {
	Mode    Mode
	Addr    string // without password
	Version string // such as "redis 7.0.15"; "unknown" when the server does not tell
}

// Start returns a server that has answered a PING, or a cluster all of whose
// masters have.
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
	s.control = s.endpoint.client(ClientOptions{}, new(atomic.Int64))
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
	if in := o.Login; in != nil {
		if e.url != "" {
			return nil, errors.New("redis address is a URL, and who logs in stands beside it; want one of them")
		}
		e.username, e.password, e.db, e.tls = in.Username, in.Password, in.DB, in.TLS
	}
	e.dial, e.resolve = o.Dialer.DialContext, o.Dialer.Resolve
	for _, addr := range e.addrs {
		if err := o.Dialer.Check(ctx, addr); e.network == "tcp" && err != nil {
			return nil, fmt.Errorf("redis %s: %w", e, err)
		}
	}
	err = e.misheard(ctx)
	if err == nil && e.kind == sentinel {
		err = e.explained(ctx, e.findMaster(ctx))
	}
	if err != nil {
		return nil, fmt.Errorf("redis %s: %w", e, err)
	}
	return &Server{info: Info{Mode: External}, endpoint: e, stop: func() error { return nil }}, nil
}

// greet makes sure that the server answers, of a cluster every master, and asks
// for its version.
func (s *Server) greet(ctx context.Context) error {
	ping := func(ctx context.Context, node *redis.Client) error { return node.Ping(ctx).Err() }
	if err := s.eachMaster(ctx, ping); err != nil {
		return fmt.Errorf("redis %s: %w", s.endpoint, s.endpoint.explained(ctx, err))
	}
	s.info.Addr = s.endpoint.String()
	if s.info.Mode == Embedded {
		return nil
	}
	text, err := s.control.Info(ctx, "server").Result()
	if err := heard(err); err != nil {
		return fmt.Errorf("redis %s: INFO: %w", s.endpoint, err)
	}
	server := fields(text)
	s.info.Version = version(server)
	if s.info.Mode == Private {
		return nil
	}
	if err := s.fit(ctx, server); err != nil {
		return fmt.Errorf("redis %s: %w", s.endpoint, err)
	}
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

// silent drops what go-redis would print to stderr by itself.
type silent struct{}

func (silent) Printf(context.Context, string, ...any) {}
