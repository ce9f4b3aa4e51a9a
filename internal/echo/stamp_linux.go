package echo

import (
	"encoding/binary"
	"net"
	"time"

	"golang.org/x/sys/unix"
)

// note has the kernel note when each datagram arrives.
func note(conn *net.UDPConn) error {
	raw, err := conn.SyscallConn()
	if err != nil {
		return err
	}
	var set error
	err = raw.Control(func(fd uintptr) { set = noteOn(int(fd)) })
	if err == nil {
		err = set
	}
	return err
}

func noteOn(fd int) error {
	if unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_TIMESTAMPNS_NEW, 1) != nil {
		return ErrUnknown // Linux before 5.1
	}
	return nil
}

// noted reads the instant of a datagram's arrival: seconds and nanoseconds.
func noted(control []byte) (time.Time, error) {
	messages, err := unix.ParseSocketControlMessage(control)
	if err != nil {
		return time.Time{}, garbled(control)
	}
	for _, m := range messages {
		if m.Header.Level == unix.SOL_SOCKET && m.Header.Type == unix.SO_TIMESTAMPNS_NEW && len(m.Data) >= 16 {
			return time.Unix(int64(binary.NativeEndian.Uint64(m.Data)), int64(binary.NativeEndian.Uint64(m.Data[8:]))), nil
		}
	}
	return time.Time{}, garbled(control)
}
