package wire

import (
	"errors"
	"net"
	"time"

	"golang.org/x/sys/unix"

	"github.com/fcbench/fcbench/internal/stamp"
	"github.com/fcbench/fcbench/results"
	"github.com/fcbench/fcbench/targets"
)

// conn is a connection, or room for one.
type conn struct {
	fd         int
	index      int32 // in its lane
	generation int32 // counts what it was; events of an earlier one are passed over
	address    int   // which of the lane's it is connected to
	state      connState
	free       bool          // it is in the list of those
	ended      bool          // the other side will send no more than what is there
	more       bool          // it waits for another turn
	until      time.Duration // then it is given up, where it is not connected,
	turn       time.Duration // and then the next address is tried
	bounded    bool          // until is before those leave whom it is for
	refusals   []error       // of the addresses that were tried
	dialed     time.Duration // it began to be connected, where phases are told,
	took       time.Duration // and so long that took, until it is told,
	shook      time.Duration // and the handshake of TLS
	first      time.Duration // the first byte of the answer was there
	gathered   int           // the last so many of pending wait to be sent together
	room       bool          // epoll tells when there is room to send
	taking     bool          // what it received is being read
	failed     error         // of sending: what comes is read to the end
	fresh      bool          // nothing was said yet, and something is to be said first
	decoder    Decoder
	pending    []pending // in the order in which answers come
	in         []byte    // received, and not yet decoded
	out        []byte    // to be sent, then
	body       string    // this, then
	zeros      int       // so many
	secure     *secure   // encrypts it; nil for none
	older      *conn     // neighbours in the list of the free
	newer      *conn
}

type pending struct {
	token             uint32
	mark              Mark
	started, deadline time.Duration
}

type connState uint8

const (
	unconnected connState = iota
	connecting
	securing // is made outside the loop, behind the lane's door
	open
)

// dial begins to connect c for whoever waits until then.
func (l *lane) dial(c *conn, now, until time.Duration) {
	c.until, c.bounded = until, l.within > 0 && now+l.within < until
	if c.bounded {
		c.until = now + l.within
	}
	if l.door == nil {
		c.address, c.refusals = 0, c.refusals[:0]
		l.connect(c, now)
		return
	}
	c.state = securing
	l.opening++
	l.door.open(c.index, c.until-now)
}

// connect begins to connect c to the address whose turn it is, or to those after it. Each
// has an equal part of the time that is left.
func (l *lane) connect(c *conn, now time.Duration) {
	c.turn = now + (c.until-now)/time.Duration(len(l.addrs)-c.address)
	l.earliest = min(l.earliest, c.turn)
	if l.phases && c.address == 0 {
		c.dialed = l.env.Clock()
	}
	fd, err := l.socket(c)
	if err == nil {
		c.state = connecting
		l.opening++
		if err = unix.Connect(fd, l.addrs[c.address]); err == nil || err == unix.EINPROGRESS {
			return // epoll tells when it is there
		}
	}
	if l.local { // whose listener may have too many that wait, which is not this side's fault
		err = &net.OpError{Op: "dial", Net: "unix", Err: err}
	}
	l.unreachable(c, now, err)
}

func (l *lane) socket(c *conn) (fd int, err error) {
	family := unix.AF_INET6
	switch l.addrs[c.address].(type) {
	case *unix.SockaddrInet4:
		family = unix.AF_INET
	case *unix.SockaddrUnix:
		family = unix.AF_UNIX
	}
	fd, err = unix.Socket(family, unix.SOCK_STREAM|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return -1, err
	}
	if !l.local { // else there is no delay, and the kernel notes nothing
		_ = unix.SetsockoptInt(fd, unix.IPPROTO_TCP, unix.TCP_NODELAY, 1)
		l.watched = stamp.Note(fd) == nil
	}
	c.fd, c.secure = fd, nil
	if err = l.adopt(c); err != nil {
		_ = unix.Close(fd)
		return -1, err
	}
	return fd, nil
}

// adopt has news of c wake the lane, which has a socket now.
func (l *lane) adopt(c *conn) error {
	c.generation++
	c.room = true
	return l.watch(c, unix.EPOLL_CTL_ADD)
}

// watch says which news of c wake the lane: that there is more to read, and, where
// that is asked for, that there is room to send.
func (l *lane) watch(c *conn, how int) error {
	l.event = unix.EpollEvent{Events: unix.EPOLLIN | unix.EPOLLRDHUP | unix.EPOLLET, Fd: c.index, Pad: c.generation}
	if c.room {
		l.event.Events |= unix.EPOLLOUT
	}
	return unix.EpollCtl(l.epoll, how, c.fd, &l.event)
}

// askForRoom has epoll tell of room while something is left to send. TCP tells only
// those who had too little of it, so that it may be asked all the time; a local socket
// tells each time that the other side has read, which would wake the lane for nothing.
func (l *lane) askForRoom(c *conn) error {
	if !l.local || c.room == !c.flushed() {
		return nil
	}
	c.room = !c.room
	return l.watch(c, unix.EPOLL_CTL_MOD)
}

// connected takes c when it is connected, or could not be.
func (l *lane) connected(c *conn, now time.Duration) time.Duration {
	no, err := unix.GetsockoptInt(c.fd, unix.SOL_SOCKET, unix.SO_ERROR)
	if err == nil && no != 0 {
		err = unix.Errno(no)
	}
	if err != nil {
		l.unreachable(c, now, err)
		l.grow(now) // for those of whom there were more than connections
		return now
	}
	if l.phases {
		c.took, c.first = l.env.Clock()-c.dialed, 0
	}
	l.opened(c, now)
	return now
}

// opened has c, which is connected, serve those who wait.
func (l *lane) opened(c *conn, now time.Duration) {
	l.opening--
	c.state, c.fresh, c.gathered, c.failed = open, len(l.greet) > 0, 0, nil
	c.in, c.out, c.body, c.zeros = c.in[:0], c.out[:0], "", 0
	c.decoder = l.codec.Decoder()
	if err := l.askForRoom(c); err != nil {
		l.broken(c, err)
		return
	}
	l.serve(c, now)
}

// unreachable goes on to the next address. After the last one, whoever waits
// longest fails for it.
func (l *lane) unreachable(c *conn, now time.Duration, err error) {
	if c.state == connecting {
		_ = unix.Close(c.fd)
		l.opening--
	}
	c.state = unconnected
	c.refusals = append(c.refusals, err)
	if c.address++; c.address < len(l.addrs) {
		l.connect(c, now)
		return
	}
	l.closed = append(l.closed, c)
	if r, ok := l.waiting.pop(); ok {
		l.fail(r.Token, now, targets.Cause(errors.Join(c.refusals...)))
	}
}

// unheard gives up to connect c to an address that is silent, or altogether.
func (l *lane) unheard(c *conn, now time.Duration) {
	if now < c.until {
		l.unreachable(c, now, unix.ETIMEDOUT)
		return
	}
	_ = unix.Close(c.fd)
	l.opening--
	c.state = unconnected
	l.closed = append(l.closed, c)
	if c.bounded {
		l.tooSlow(now)
	}
}

// tooSlow has whoever waits longest know that a connection was not made in its time; those
// who have left know already.
func (l *lane) tooSlow(now time.Duration) {
	if l.waiting.n == 0 || l.waiting.until(0) <= now {
		return
	}
	r, _ := l.waiting.pop()
	l.answer = targets.Response{Outcome: results.TimedOut, Cause: slowConnect}
	l.done(r.Token, now, &l.answer)
}
