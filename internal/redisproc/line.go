package redisproc

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"sync/atomic"
	"time"
)

// wire is what the connections of one client share.
type wire struct {
	timeout time.Duration // to connect
	delay   *atomic.Int64 // of every reply, in nanoseconds; see [Server.Slow]
	breaks  atomic.Uint64 // connections that were found broken
}

// dialFunc connects, as net.Dialer's DialContext.
type dialFunc func(ctx context.Context, network, addr string) (net.Conn, error)

// line is a connection as go-redis gets it. It differs from the one inside in
// three ways, for which go-redis has no option:
//
//   - Dialling never fails; a server that cannot be reached is an error of the
//     first command, which dials again. The pool would otherwise stop dialling
//     for a second at a time once as many dials failed as it has connections,
//     and tell of the old failure long after the server is back.
//   - Before a command is sent on a connection, go-redis asks the kernel whether
//     it is still up, for a system call and three allocations each time. A line
//     hides its socket, so go-redis does not; it asks only when another
//     connection of the client has broken since, as they all do together.
//     A command that finds its connection gone fails with [errUnsent].
//   - Replies can be delayed.
//
// A line is used by one goroutine at a time, as go-redis does; Close may come
// from any.
type line struct {
	wire          *wire
	dial          dialFunc
	network, addr string

	conn    atomic.Pointer[net.Conn] // nil until connected
	failure error                    // of the first attempt
	closed  atomic.Bool

	used   bool   // something was sent on it
	busy   bool   // a command is sent and nothing of its reply was read
	breaks uint64 // of the wire, when this line was last known to be up

	readBy, writeBy time.Time // deadlines
}

// errUnsent says that a connection broke while it was idle: nothing of the
// command was sent, so that it may be sent on another.
var errUnsent = errors.New("connection was lost while idle")

// over returns a dialer that connects lines by means of dial. It never fails.
// Where dial makes lines itself, having found out the address, they are replaced.
func (w *wire) over(dial dialFunc) dialFunc {
	return func(ctx context.Context, network, addr string) (net.Conn, error) {
		l := &line{wire: w, dial: dial, network: network, addr: addr, breaks: w.breaks.Load()}
		l.failure = l.open(ctx) // the first command tries again, and tells
		return l, nil
	}
}

// open connects the line.
func (l *line) open(ctx context.Context) error {
	conn, err := l.dial(ctx, l.network, l.addr)
	if inner, ok := conn.(*line); ok && err == nil {
		conn, err = inner.inside()
	}
	if err != nil {
		return err
	}
	if old := l.conn.Swap(&conn); old != nil {
		_ = (*old).Close()
	}
	if l.closed.Load() { // meanwhile
		_ = conn.Close()
	}
	return nil
}

// inside returns the connection of a line that nobody has used.
func (l *line) inside() (net.Conn, error) {
	if conn := l.conn.Load(); conn != nil {
		return *conn, nil
	}
	return nil, l.failure
}

// Write sends a command, or a part of one.
func (l *line) Write(p []byte) (int, error) {
	first, fresh := !l.busy, !l.used
	if err := l.ready(first); err != nil {
		return 0, err
	}
	n, err := l.send(p)
	switch {
	case err == nil || n > 0 || !first || isTimeout(err):
		return n, err
	case !fresh:
		return 0, fmt.Errorf("%w: %w", errUnsent, err)
	}
	if err := l.reopen(); err != nil {
		return 0, err
	}
	return l.send(p)
}

func (l *line) send(p []byte) (int, error) {
	l.used, l.busy = true, true
	conn := *l.conn.Load()
	n, err := conn.Write(p)
	if err != nil {
		l.note(err)
		err = refusal(conn, err)
	}
	return n, err
}

// ready makes sure that there is a connection to send on.
func (l *line) ready(first bool) error {
	up := l.conn.Load() != nil
	if breaks := l.wire.breaks.Load(); up && first && breaks != l.breaks {
		l.breaks = breaks
		up = alive(*l.conn.Load())
	}
	switch {
	case up:
		return nil
	case l.closed.Load():
		return net.ErrClosed
	case l.used:
		return errUnsent
	}
	return l.reopen()
}

// reopen dials for the first command, which waits no longer than it has time.
// Nobody has logged in on the line yet, so another connection is as good.
func (l *line) reopen() error {
	ctx, cancel := context.WithTimeout(context.Background(), l.wire.timeout)
	defer cancel()
	if !l.writeBy.IsZero() {
		ctx, cancel = context.WithDeadline(ctx, l.writeBy)
		defer cancel()
	}
	if err := l.open(ctx); err != nil {
		return fmt.Errorf("cannot connect: %w", err) // go-redis strips one layer
	}
	return (*l.conn.Load()).SetWriteDeadline(l.writeBy)
}

// Read returns what there is of replies.
func (l *line) Read(p []byte) (int, error) {
	conn := l.conn.Load()
	if conn == nil {
		return 0, net.ErrClosed
	}
	if l.busy {
		if err := l.wait(); err != nil {
			return 0, err
		}
		l.busy = false
	}
	n, err := (*conn).Read(p)
	if err != nil {
		l.note(err)
	}
	return n, err
}

// wait delays a reply, no longer than somebody waits for it.
func (l *line) wait() error {
	d := time.Duration(l.wire.delay.Load())
	if d <= 0 {
		return nil
	}
	if !l.readBy.IsZero() && time.Until(l.readBy) <= d {
		time.Sleep(time.Until(l.readBy))
		return os.ErrDeadlineExceeded
	}
	time.Sleep(d)
	return nil
}

// note tells the other lines that one broke, so that they look at themselves.
func (l *line) note(err error) {
	if !isTimeout(err) && !l.closed.Load() {
		l.wire.breaks.Add(1)
	}
}

// Close closes the connection. A line that is connecting closes when it is done.
func (l *line) Close() error {
	l.closed.Store(true)
	if conn := l.conn.Load(); conn != nil {
		return (*conn).Close()
	}
	return nil
}

// SetDeadline, SetReadDeadline and SetWriteDeadline are kept as well, because
// they may come before the connection and bound what is not reading or writing.
func (l *line) SetDeadline(t time.Time) error {
	l.readBy, l.writeBy = t, t
	if conn := l.conn.Load(); conn != nil {
		return (*conn).SetDeadline(t)
	}
	return nil
}

// SetReadDeadline implements [net.Conn].
func (l *line) SetReadDeadline(t time.Time) error {
	l.readBy = t
	if conn := l.conn.Load(); conn != nil {
		return (*conn).SetReadDeadline(t)
	}
	return nil
}

// SetWriteDeadline implements [net.Conn].
func (l *line) SetWriteDeadline(t time.Time) error {
	l.writeBy = t
	if conn := l.conn.Load(); conn != nil {
		return (*conn).SetWriteDeadline(t)
	}
	return nil
}

// LocalAddr implements [net.Conn].
func (l *line) LocalAddr() net.Addr {
	if conn := l.conn.Load(); conn != nil {
		return (*conn).LocalAddr()
	}
	return nowhere{}
}

// RemoteAddr implements [net.Conn].
func (l *line) RemoteAddr() net.Addr {
	if conn := l.conn.Load(); conn != nil {
		return (*conn).RemoteAddr()
	}
	return nowhere{}
}

// nowhere is the address of a line that is not connected.
type nowhere struct{}

func (nowhere) Network() string { return "none" }
func (nowhere) String() string  { return "not connected" }

func isTimeout(err error) bool {
	var timeout interface{ Timeout() bool }
	return errors.As(err, &timeout) && timeout.Timeout()
}
