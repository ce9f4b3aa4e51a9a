package echo

import (
	"context"
	"errors"
	"net"
	"time"
)

// The kernel begins to note arrivals some time after the first socket asks for
// it, and stops with the last. Until then it notes when a datagram is read, which
// would look like no lateness at all. So one socket asks as long as there is a
// peer, and answers are believed from when a datagram that was kept waiting shows
// that it was.

const (
	keptFor    = time.Millisecond // a datagram waits before it is read
	noteWithin = time.Second      // until the kernel notes arrivals
)

// newWitness opens a socket that keeps the kernel noting arrivals; [ErrUnknown]
// where it does not.
func newWitness(ctx context.Context) (*net.UDPConn, error) {
	conn, err := net.ListenUDP("udp4", net.UDPAddrFromAddrPort(loopback(0)))
	if err != nil {
		return nil, err
	}
	err = note(conn)
	ctx, cancel := context.WithTimeout(ctx, noteWithin)
	defer cancel()
	for proven := false; err == nil && !proven; {
		if err = ctx.Err(); err != nil {
			err = errors.Join(ErrUnknown, err)
			break
		}
		proven, err = keepWaiting(conn)
	}
	if err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return conn, nil
}

// keepWaiting sends itself a datagram, reads it late, and says whether the kernel
// noted when it came.
func keepWaiting(conn *net.UDPConn) (noticed bool, err error) {
	var buf [longest]byte
	var oob [controls]byte
	if _, err := conn.WriteTo([]byte("x"), conn.LocalAddr()); err != nil {
		return false, err
	}
	sent := time.Now()
	time.Sleep(keptFor)
	_, n, _, _, err := conn.ReadMsgUDPAddrPort(buf[:], oob[:])
	if err != nil {
		return false, err
	}
	arrived, err := noted(oob[:n])
	return arrived.Sub(sent) < keptFor/2, err
}
