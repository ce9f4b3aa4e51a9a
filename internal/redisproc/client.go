package redisproc

import (
	"context"
	"crypto/tls"
	"net"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"
)

// ClientOptions are what a client of the load may choose.
type ClientOptions struct {
	Connections int           // at most, and kept open; 0 means 1
	Timeout     time.Duration // to connect, to get a connection, to write and to read; 0 means 5 s
}

// Client returns a new client of the server, to be closed by the caller. It does
// what it is told once: no retries, no connections beyond Connections, no second
// pool, no questions of its own on the wire, and deadlines of contexts hold.
func (s *Server) Client(o ClientOptions) redis.UniversalClient {
	return redis.NewUniversalClient(s.endpoint.options(o))
}

func (e endpoint) options(o ClientOptions) *redis.UniversalOptions {
	n := max(o.Connections, 1)
	timeout := o.Timeout
	if timeout <= 0 {
		timeout = 5 * time.Second
	}
	return &redis.UniversalOptions{
		Addrs:    []string{e.addr},
		Username: e.username,
		Password: e.password,
		DB:       e.db,
		Dialer:   e.connect,

		MaxRetries:            -1, // a retry would hide an error and charge a limiter twice
		DialerRetries:         1,
		ContextTimeoutEnabled: true,
		DialTimeout:           timeout,
		ReadTimeout:           timeout,
		WriteTimeout:          timeout,

		PoolSize:         n,
		MaxActiveConns:   n,
		MinIdleConns:     n, // connected before the load comes
		PipelinePoolSize: -1,
		PoolTimeout:      timeout,
		ConnMaxIdleTime:  -1,

		DisableIdentity:          true,
		MaintNotificationsConfig: &maintnotifications.Config{Mode: maintnotifications.ModeDisabled},
	}
}

// connect dials and, for rediss://, shakes hands: a client with a dialer of its
// own does no TLS by itself.
func (e endpoint) connect(ctx context.Context, network, addr string) (net.Conn, error) {
	conn, err := e.dial(ctx, network, addr)
	if err != nil || e.tls == nil {
		return conn, err
	}
	secure := tls.Client(conn, e.tls)
	if err := secure.HandshakeContext(ctx); err != nil {
		conn.Close()
		return nil, err
	}
	return secure, nil
}
