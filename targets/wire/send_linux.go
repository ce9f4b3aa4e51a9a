package wire

import (
	"time"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/fcbench/fcbench/targets"
)

// send writes l.message, which is r, to c, which is free.
func (l *lane) send(c *conn, now time.Duration, r *targets.Request) {
	l.free.remove(c)
	c.pending = append(c.pending, pending{r.Token, l.message.Mark, now, r.Deadline})
	if err := l.write(c); err != nil {
		l.broken(c, err)
		return
	}
	if c.takes(l.depth) {
		l.free.push(c)
	}
}

// write sends l.message, on a new connection after what is said first. Where requests
// share connections, it waits for those that are due with it.
func (l *lane) write(c *conn) error {
	if c.fresh {
		c.fresh = false
		if err := c.write(&Message{Head: l.greet}); err != nil {
			return err
		}
	}
	if l.depth == 1 || l.message.Body != "" || l.message.Zeros > 0 {
		c.gathered = 0
		if err := c.write(&l.message); err != nil {
			return err
		}
		return l.askForRoom(c)
	}
	c.out = append(c.out, l.message.Head...)
	if c.gathered++; c.gathered == 1 {
		l.unsent = append(l.unsent, c)
	}
	return nil
}

// flush sends what has gathered.
func (l *lane) flush() {
	for i := 0; i < len(l.unsent); i++ {
		c := l.unsent[i]
		if c.gathered = 0; c.state != open || c.flushed() {
			continue
		}
		if err := l.sendRest(c); err != nil {
			l.broken(c, err)
		} else if !c.flushed() && c.free {
			l.free.remove(c)
		}
	}
	l.unsent = l.unsent[:0]
}

// resume sends what there was no room for.
func (l *lane) resume(c *conn, now time.Duration) {
	if err := l.sendRest(c); err != nil {
		l.broken(c, err)
		return
	}
	if c.flushed() {
		l.serve(c, now)
	}
}

// sendRest sends what is left to send on c, as long as there is room.
func (l *lane) sendRest(c *conn) error {
	if err := c.flush(); err != nil {
		return err
	}
	return l.askForRoom(c)
}

// flushed reports whether all was sent.
func (c *conn) flushed() bool {
	return len(c.out) == 0 && c.body == "" && c.zeros == 0 && (c.secure == nil || len(c.secure.out) == 0)
}

// takes reports whether there is room for another request.
func (c *conn) takes(depth int) bool {
	return len(c.pending) < depth && (c.gathered > 0 && c.body == "" && c.zeros == 0 || c.flushed())
}

// write sends m, or what the socket takes of it: the rest is sent when there is room.
func (c *conn) write(m *Message) error {
	if c.flushed() {
		n, err := c.put(m.Head)
		if err != nil {
			return err
		}
		c.out, c.body, c.zeros = append(c.out[:0], m.Head[n:]...), m.Body, m.Zeros
	} else {
		c.out = append(c.out, m.Head...)
		c.body, c.zeros = m.Body, m.Zeros
	}
	if c.body == "" && c.zeros == 0 && c.secure == nil {
		return nil
	}
	return c.flush()
}

// flush sends what is left, as long as there is room.
func (c *conn) flush() error {
	for len(c.out) > 0 {
		n, err := c.put(c.out)
		if n == 0 || err != nil {
			return err
		}
		c.out = c.out[:copy(c.out, c.out[n:])]
	}
	for c.body != "" {
		n, err := c.put(unsafe.Slice(unsafe.StringData(c.body), len(c.body)))
		if n == 0 || err != nil {
			return err
		}
		c.body = c.body[n:]
	}
	for c.zeros > 0 {
		n, err := c.put(nothing[:min(c.zeros, len(nothing))])
		if n == 0 || err != nil {
			return err
		}
		c.zeros -= n
	}
	if c.secure != nil {
		return c.secure.flush()
	}
	return nil
}

// put writes once, to the socket or to TLS. Without an error, 0 says that there is no room.
func (c *conn) put(b []byte) (int, error) {
	if c.secure != nil {
		return c.secure.put(b)
	}
	return put(c.fd, b)
}

func put(fd int, b []byte) (int, error) {
	for len(b) > 0 {
		n, _, no := unix.RawSyscall(unix.SYS_WRITE, uintptr(fd), uintptr(unsafe.Pointer(&b[0])), uintptr(len(b)))
		switch no {
		case 0:
			return int(n), nil
		case unix.EINTR:
		case unix.EAGAIN:
			return 0, nil
		default:
			return 0, no
		}
	}
	return 0, nil
}
