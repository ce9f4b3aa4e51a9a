package echo

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"time"
)

// ErrUnknown says that this system does not note when a datagram arrives.
var ErrUnknown = errors.New("this system does not tell when datagrams arrive")

// Reader asks the peer as a client of a service does: a goroutine writes, waits in
// the runtime's poller, and reads. It is to be used by one goroutine at a time.
type Reader struct {
	conn *net.UDPConn
	sent uint64
	buf  [longest]byte
	oob  [controls]byte
}

// controls is room for what the kernel notes about a datagram.
const controls = 128

// Reader connects to the peer.
func (p *Peer) Reader() (*Reader, error) {
	conn, err := net.DialUDP("udp4", nil, net.UDPAddrFromAddrPort(p.addr))
	if err != nil {
		return nil, err
	}
	if err := note(conn); err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return &Reader{conn: conn}, nil
}

// Ask sends a datagram, waits for the answer and says how late that was taken:
// after it had arrived. Datagrams that answer earlier questions are passed over.
func (r *Reader) Ask(ctx context.Context) (late time.Duration, err error) {
	until, _ := ctx.Deadline() // the zero time is for none
	if err := r.conn.SetDeadline(until); err != nil {
		return 0, err
	}
	r.sent++
	binary.NativeEndian.PutUint64(r.buf[:], r.sent)
	if _, err := r.conn.Write(r.buf[:8]); err != nil {
		return 0, err
	}
	for {
		n, control, _, _, err := r.conn.ReadMsgUDPAddrPort(r.buf[:], r.oob[:])
		taken := time.Now()
		if err != nil {
			return 0, err
		}
		if n == 8 && binary.NativeEndian.Uint64(r.buf[:]) == r.sent {
			arrived, err := noted(r.oob[:control])
			return max(0, taken.Sub(arrived)), err
		}
	}
}

// Close gives the connection back.
func (r *Reader) Close() error { return r.conn.Close() }

func garbled(control []byte) error {
	return fmt.Errorf("what the kernel noted about a datagram is %d bytes; want the instant of its arrival: %w", len(control), ErrUnknown)
}
