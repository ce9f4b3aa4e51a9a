package echo

import (
	"encoding/binary"
	"errors"
	"runtime"
	"time"

	"golang.org/x/sys/unix"
)

// Blocking asks the peer n times as a program without a runtime would: a thread
// that sleeps for pause, sends, blocks in the kernel until the answer is there,
// and takes it. How late it is, is the machine's part. An answer that takes longer
// than patience is an error.
func (p *Peer) Blocking(n int, pause, patience time.Duration) (late []time.Duration, err error) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, err
	}
	defer unix.Close(fd)
	limit := unix.NsecToTimeval(int64(patience))
	addr := &unix.SockaddrInet4{Port: int(p.addr.Port()), Addr: p.addr.Addr().As4()}
	err = errors.Join(noteOn(fd), unix.SetsockoptTimeval(fd, unix.SOL_SOCKET, unix.SO_RCVTIMEO, &limit), unix.Connect(fd, addr))
	if err != nil {
		return nil, err
	}
	for i := range n {
		nap := unix.NsecToTimespec(int64(pause))
		_ = unix.Nanosleep(&nap, nil) // if it is cut short, the next comes sooner
		d, err := blockingly(fd, uint64(i))
		if err != nil {
			return late, err
		}
		late = append(late, d)
	}
	return late, nil
}

// blockingly asks once.
func blockingly(fd int, number uint64) (time.Duration, error) {
	var buf [longest]byte
	var oob [controls]byte
	binary.NativeEndian.PutUint64(buf[:], number)
	if _, err := unix.Write(fd, buf[:8]); err != nil {
		return 0, err
	}
	for {
		n, control, _, _, err := unix.Recvmsg(fd, buf[:], oob[:], 0)
		taken := time.Now()
		switch {
		case errors.Is(err, unix.EINTR):
			continue
		case err != nil:
			return 0, err
		case n != 8 || binary.NativeEndian.Uint64(buf[:]) != number:
			continue
		}
		arrived, err := noted(oob[:control])
		return max(0, taken.Sub(arrived)), err
	}
}
