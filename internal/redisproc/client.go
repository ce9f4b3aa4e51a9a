package redisproc

import (
	"context"
	"crypto/tls"
	"net"
	"sync/atomic"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"
)

// ClientOptions are what a client of the load may choose.
type ClientOptions struct {
	Connections int           // at most, per node of a cluster, and kept open; 0 means 1
	Timeout     time.Duration // to connect, to get a connection, to write and to read; 0 means 5 s
	// Database is which of those of a server of fcbench's own it uses, counted round
	// them; of any other it is that of its address.
	Database int
}

// maxRedirects is how often a cluster may send a command on: from the node that
// held the slot to the one that holds it (MOVED), from there to the one that it
// is just moving to (ASK), and once more because somebody moved meanwhile.
const maxRedirects = 3

// Client returns a new client of the server, to be closed by the caller: a
// cluster client for a cluster, one that follows the master for Sentinel. It
// does what it is told once: nothing that may have been executed is sent again,
// no connections beyond Connections, no second pool, no questions of its own on
// the wire but those for the way, and deadlines of contexts hold. As soon as a
// server that was gone is back, so is the client.
func (s *Server) Client(o ClientOptions) redis.UniversalClient {
	e := s.endpoint
	if s.info.Mode != External {
		e.db = o.Database % databases
	}
	return e.client(o, &s.delay)
}

// databases is how many a server of fcbench's own has.
const databases = 16

func (e endpoint) client(o ClientOptions, delay *atomic.Int64) redis.UniversalClient {
	options := e.options(o)
	w := &wire{timeout: options.DialTimeout, delay: delay}
	options.Dialer = w.over(e.connect)
	again := resend{times: options.PoolSize}
	switch e.kind {
	case cluster:
		return e.cluster(options.Cluster(), again)
	case sentinel:
		again.dial = w.over // around the whole: first a sentinel is asked for the master, which may fail too
		client := redis.NewFailoverClient(options.Failover())
		client.AddHook(again)
		return client
	}
	client := redis.NewClient(options.Simple())
	client.AddHook(again)
	return client
}

func (e endpoint) cluster(o *redis.ClusterOptions, again resend) *redis.ClusterClient {
	o.MaxRedirects = maxRedirects
	o.DisableRoutingPolicies = true // they ask every node what its commands are
	o.NewClient = func(o *redis.Options) *redis.Client {
		node := redis.NewClient(o)
		node.AddHook(again)
		return node
	}
	client := redis.NewClusterClient(o)
	client.AddHook(once{})
	return client
}

func (e endpoint) options(o ClientOptions) *redis.UniversalOptions {
	n := max(o.Connections, 1)
	timeout := o.Timeout
	if timeout <= 0 {
		timeout = 5 * time.Second
	}
	return &redis.UniversalOptions{
		Addrs:      e.addrs,
		MasterName: e.master,
		Username:   e.username,
		Password:   e.password,
		DB:         e.db,
		Dialer:     e.connect,

		SentinelUsername: e.sentinelUsername,
		SentinelPassword: e.sentinelPassword,

		Protocol:              2,  // in RESP3 every reply is looked at twice, in case it is a push
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

// connect dials and, where the address asks for TLS, shakes hands: a client with
// a dialer of its own does no TLS by itself.
func (e endpoint) connect(ctx context.Context, network, addr string) (net.Conn, error) {
	conn, err := e.dial(ctx, network, addr)
	if err != nil || e.tls == nil {
		return conn, err
	}
	config := e.tls.Clone()
	if host, _, err := net.SplitHostPort(addr); err == nil && config.ServerName == "" {
		config.ServerName = host
	}
	secure := tls.Client(conn, config)
	if err := secure.HandshakeContext(ctx); err != nil {
		conn.Close()
		return nil, err
	}
	return secure, nil
}
