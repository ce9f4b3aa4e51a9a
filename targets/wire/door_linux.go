package wire

import (
	"context"
	"encoding/binary"
	"errors"
	"sync"
	"time"

	"golang.org/x/sys/unix"

	"github.com/fcbench/fcbench/results"
	"github.com/fcbench/fcbench/targets"
)

// door is where connections come in that are to be secure: a handshake is some
// milliseconds of arithmetic, for which no other request is to wait. Each is made by a
// goroutine of its own, by the dialer, and handed to the loop.
type door struct {
	lane    *lane
	options Options
	ctx     context.Context // of all that is made
	cancel  context.CancelFunc
	makers  sync.WaitGroup
	bell    int // a descriptor that wakes the loop

	mu   sync.Mutex
	made []made
}

// made is a connection, or why there is none.
type made struct {
	index   int32
	secure  *secure
	failure targets.Response
	took    time.Duration // to connect,
	shook   time.Duration // and the handshake after it
}

// bell is what events of the door are known by, in the place of a connection.
const bell = -1

func newDoor(ctx context.Context, l *lane, o Options) (*door, error) {
	fd, err := unix.Eventfd(0, unix.EFD_NONBLOCK|unix.EFD_CLOEXEC)
	if err != nil {
		return nil, err
	}
	d := &door{lane: l, options: o, bell: fd}
	d.ctx, d.cancel = context.WithCancel(ctx)
	// By the edge each ring is news, and nobody needs to count them.
	event := unix.EpollEvent{Events: unix.EPOLLIN | unix.EPOLLET, Fd: bell}
	if err := unix.EpollCtl(l.epoll, unix.EPOLL_CTL_ADD, fd, &event); err != nil {
		d.cancel()
		return nil, errors.Join(err, unix.Close(fd))
	}
	return d, nil
}

// open has a connection made within a time.
func (d *door) open(index int32, within time.Duration) {
	d.makers.Go(func() {
		ctx, cancel := context.WithTimeout(d.ctx, within)
		defer cancel()
		m, err := d.make(ctx)
		if err != nil {
			m.failure = targets.Failure(ctx, err)
		}
		m.index = index
		d.mu.Lock()
		d.made = append(d.made, m)
		d.mu.Unlock()
		_, _ = unix.Write(d.bell, binary.NativeEndian.AppendUint64(nil, 1))
	})
}

func (d *door) make(ctx context.Context) (m made, err error) {
	clock := d.lane.env.Clock
	begun := clock()
	s := new(secure)
	if s.Conn, err = d.options.Dialer.DialContext(ctx, "tcp", d.options.Address); err != nil {
		return m, err
	}
	there := clock()
	if s.tls, err = secured(ctx, &s.socket, d.options.TLS); err != nil {
		return m, err
	}
	m.took, m.shook = there-begun, clock()-there
	if err = s.takeOver(d.lane); err == nil {
		m.secure = s
	}
	return m, err
}

// take returns what was made since the last time.
func (d *door) take() []made {
	d.mu.Lock()
	defer d.mu.Unlock()
	some := d.made
	d.made = nil
	return some
}

// close ends what is being made, and gives up what was.
func (d *door) close() error {
	d.cancel()
	d.makers.Wait()
	var err error
	for _, m := range d.take() {
		if m.secure != nil {
			err = errors.Join(err, m.secure.close())
		}
	}
	return errors.Join(err, unix.Close(d.bell))
}

// admit has connections serve that were made outside.
func (l *lane) admit(now time.Duration) {
	for _, m := range l.door.take() {
		c := l.conns[m.index]
		if m.secure == nil {
			l.refused(c, now, m.failure)
			continue
		}
		c.fd, c.secure, c.ended = m.secure.fd, m.secure, false
		if err := l.adopt(c); err != nil {
			_ = c.close()
			l.refused(c, now, targets.Response{Outcome: results.Failed, Cause: targets.Cause(err)})
			continue
		}
		l.watched = m.secure.watched
		c.took, c.shook, c.first = m.took, m.shook, 0
		l.opened(c, now)
	}
}

// refused has whoever waits longest fail for it, unless it took too long: whom it was
// for has left then. Once all is to end nothing more is made.
func (l *lane) refused(c *conn, now time.Duration, why targets.Response) {
	c.state = unconnected
	l.opening--
	l.closed = append(l.closed, c)
	switch {
	case l.door.ctx.Err() != nil:
	case why.Outcome == results.TimedOut && !c.bounded:
		l.expire(now)
	default:
		if why.Outcome == results.TimedOut {
			l.tooSlow(now)
		} else if r, ok := l.waiting.pop(); ok {
			l.fail(r.Token, now, why.Cause)
		}
		l.grow(now)
	}
}
