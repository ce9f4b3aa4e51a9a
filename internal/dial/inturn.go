package dial

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"os"
	"syscall"
	"time"
)

// Dial connects to an address, such as [net.Dialer.DialContext].
type Dial func(ctx context.Context, network, addr string) (net.Conn, error)

// InTurn dials addresses one after the other, until one of them lets us in; otherwise it
// says why each did not. Each has an equal part of the time that is left then, so that one
// that is silent keeps nobody from the next.
func InTurn(ctx context.Context, network string, addrs []netip.AddrPort, dial Dial) (net.Conn, error) {
	var failures []error
	for i, a := range addrs {
		conn, err := oneOf(ctx, len(addrs)-i, network, a.String(), dial)
		if err == nil {
			return conn, nil
		}
		failures = append(failures, err)
	}
	return nil, errors.Join(failures...)
}

// oneOf dials the first of so many addresses that are left.
func oneOf(ctx context.Context, left int, network, addr string, dial Dial) (net.Conn, error) {
	end, limited := ctx.Deadline()
	if !limited || left == 1 {
		return dial(ctx, network, addr)
	}
	part, cancel := context.WithTimeout(ctx, time.Until(end)/time.Duration(left))
	defer cancel()
	conn, err := dial(part, network, addr)
	if late := errors.Is(err, context.DeadlineExceeded) || errors.Is(err, os.ErrDeadlineExceeded); late && ctx.Err() == nil {
		// It is the address that is over, and not what there is time for.
		return nil, &net.OpError{Op: "dial", Net: network, Err: os.NewSyscallError("connect", syscall.ETIMEDOUT)}
	}
	return conn, err
}
