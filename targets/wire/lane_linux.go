package wire

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"strconv"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"

	"github.com/fcbench/fcbench/internal/stamp"
	"github.com/fcbench/fcbench/results"
	"github.com/fcbench/fcbench/targets"
)

// lane is an event loop: the sockets of one lane under one epoll. The goroutine
// of the runner's loop is the only one there is, and no call but that of Poll blocks.
type lane struct {
	codec   Codec
	env     targets.Env
	addrs   []unix.Sockaddr
	door    *door  // behind which connections are made that are to be secure; nil for those that are not
	local   bool   // they are sockets of this machine's file system
	greet   []byte // what is said first on every connection
	depth   int    // requests in flight on a connection
	epoll   int
	conns   []*conn
	limit   int           // of connections
	within  time.Duration // they are to be made; 0 for no bound of their own
	closed  []*conn       // those of conns that are not open
	opening int           // that are being connected
	free    list          // that take a request
	waiting line          // requests for which no connection is free
	again   []*conn       // that have more to read than was their turn
	unsent  []*conn       // with messages that go together

	phases bool           // are told
	parts  results.Phases // of the answer

	abandoned *atomic.Bool // see [Options]

	message  Message
	answer   targets.Response
	earliest time.Duration // no deadline is before it
	done     targets.Done  // of the call of Start or Poll
	events   [64]unix.EpollEvent
	event    unix.EpollEvent // to be asked for
	in       [64 << 10]byte

	watched  bool          // the kernel notes when answers arrive
	late     time.Duration // how late what was read last was taken
	receiver stamp.Receiver
}

const (
	never = time.Duration(1<<63 - 1)
	// expireEvery bounds how often all connections are looked at for deadlines.
	expireEvery = time.Millisecond
)

// newLane is a lane to addresses, which are tried in turn, to a socket of the file system,
// or to what the dialer of the options connects to, over TLS.
func newLane(ctx context.Context, codec Codec, env targets.Env, addrs []netip.AddrPort, limit int, o Options) (targets.Async, error) {
	epoll, err := unix.EpollCreate1(unix.EPOLL_CLOEXEC)
	if err != nil {
		return nil, err
	}
	l := &lane{
		codec: codec, env: env, depth: o.Depth, phases: o.Phases, epoll: epoll, limit: limit, within: o.ConnectTimeout,
		earliest: never, abandoned: o.abandoned,
	}
	for _, a := range addrs {
		l.addrs = append(l.addrs, sockaddr(a))
	}
	if o.Network == "unix" {
		l.local, l.addrs = true, []unix.Sockaddr{&unix.SockaddrUnix{Name: o.Address}}
	}
	if g, ok := codec.(Greeting); ok {
		l.greet = g.Greet()
	}
	if o.TLS != nil {
		if l.door, err = newDoor(ctx, l, o); err != nil {
			return nil, errors.Join(err, unix.Close(epoll))
		}
	}
	return l, nil
}

func sockaddr(a netip.AddrPort) unix.Sockaddr {
	if a.Addr().Is4() {
		return &unix.SockaddrInet4{Port: int(a.Port()), Addr: a.Addr().As4()}
	}
	return &unix.SockaddrInet6{Port: int(a.Port()), Addr: a.Addr().As16(), ZoneId: zone(a.Addr().Zone())}
}

// zone is the number of the interface that an address of a link is on; 0 for none.
func zone(name string) uint32 {
	if n, err := strconv.ParseUint(name, 10, 32); err == nil {
		return uint32(n)
	}
	if i, err := net.InterfaceByName(name); err == nil {
		return uint32(i.Index)
	}
	return 0
}

// Start sends r, or has it wait for a connection.
func (l *lane) Start(now time.Duration, r *targets.Request, done targets.Done) {
	l.done = done
	if err := l.codec.Encode(&l.message, r); err != nil {
		l.fail(r.Token, now, err.Error())
		return
	}
	l.earliest = min(l.earliest, r.Deadline)
	c := l.free.first
	if c == nil {
		l.waiting.push(r)
		l.grow(now)
		return
	}
	shared := len(c.pending) > 0
	l.send(c, now, r)
	if shared && l.opening == 0 { // as long as there may be more connections, none is shared
		if c := l.unused(); c != nil {
			l.dial(c, now, r.Deadline)
		}
	}
}

// grow opens a connection for everyone who waits, as far as there may be more.
func (l *lane) grow(now time.Duration) {
	for l.opening < l.waiting.n && l.opening < l.limit {
		c := l.unused()
		if c == nil {
			return
		}
		l.dial(c, now, l.waiting.until(l.opening))
	}
}

// unused is a connection that is not open, or nil.
func (l *lane) unused() *conn {
	if n := len(l.closed) - 1; n >= 0 {
		c := l.closed[n]
		l.closed = l.closed[:n]
		return c
	}
	if len(l.conns) == l.limit {
		return nil
	}
	c := &conn{index: int32(len(l.conns)), decoder: l.codec.Decoder(), pending: make([]pending, 0, l.depth)}
	l.conns = append(l.conns, c)
	return c
}

// serve gives c, which takes requests, to those that wait. One whose other side has
// ended takes none.
func (l *lane) serve(c *conn, now time.Duration) {
	for !c.ended && c.takes(l.depth) {
		r, ok := l.waiting.pop()
		if !ok {
			if !c.free {
				l.free.push(c)
			}
			return
		}
		if r.Deadline <= now { // who waited for it has left
			l.timedOut(r.Token, r.Deadline, 0)
			continue
		}
		if err := l.codec.Encode(&l.message, r); err != nil {
			l.fail(r.Token, now, err.Error())
			continue
		}
		if !c.free {
			l.free.push(c)
		}
		l.send(c, now, r)
		if c.state != open {
			return
		}
	}
}

// Poll waits for the sockets.
func (l *lane) Poll(now, until time.Duration, done targets.Done) time.Duration {
	l.done = done
	if len(l.unsent) > 0 {
		l.flush()
	}
	switch {
	case len(l.again) > 0:
		until = now
	case l.opening > 0: // which may take too long before any caller leaves
		until = min(until, max(now, l.earliest))
	}
	n := l.await(until)
	now = l.env.Clock()
	for i := range l.events[:n] {
		e := &l.events[i]
		if e.Fd == bell {
			l.admit(now)
			continue
		}
		if c := l.conns[e.Fd]; c.generation == e.Pad {
			now = l.ready(c, e.Events, now)
		}
	}
	if len(l.again) > 0 {
		now = l.goOn(now)
	}
	if now >= l.earliest {
		l.expire(now)
	}
	return now
}

// goOn reads where there was more than one turn's reading.
func (l *lane) goOn(now time.Duration) time.Duration {
	some := l.again
	l.again = nil
	for _, c := range some {
		c.more = false
		if c.state == open {
			now = l.receive(c, now)
		}
	}
	return now
}

// ready takes what epoll tells of a connection.
func (l *lane) ready(c *conn, events uint32, now time.Duration) time.Duration {
	c.ended = c.state == open && c.failed != nil || events&(unix.EPOLLRDHUP|unix.EPOLLHUP|unix.EPOLLERR) != 0
	switch c.state {
	case unconnected: // given up since
		return now
	case connecting:
		now = l.connected(c, now)
	case open:
		if events&unix.EPOLLOUT != 0 && !c.flushed() {
			l.resume(c, now)
		}
	}
	if c.state == open && events&^unix.EPOLLOUT != 0 {
		now = l.receive(c, now)
	}
	return now
}

// Close gives up all connections, and the epoll with them.
func (l *lane) Close(context.Context) error {
	var err error
	if l.door != nil {
		err = l.door.close()
	}
	for _, c := range l.conns {
		if len(c.pending) > 0 {
			l.abandoned.Store(true)
		}
		if c.state == connecting || c.state == open {
			err = errors.Join(err, c.close())
		}
	}
	l.conns = nil
	return errors.Join(err, unix.Close(l.epoll))
}
