package gateway

import (
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// timerfd is an alarm of the kernel, punctual to the microseconds that waking takes,
// which the runtime waits for as it waits for connections: whoever is idle wakes up, and
// goes on at once.
type timerfd struct {
	fd    int
	file  *os.File // the same
	count [8]byte
}

// NewClock begins now. Close ends it.
func NewClock() (Clock, error) {
	fd, err := unix.TimerfdCreate(unix.CLOCK_MONOTONIC, unix.TFD_NONBLOCK|unix.TFD_CLOEXEC)
	if err != nil {
		return nil, os.NewSyscallError("timerfd_create", err)
	}
	return newClock(&timerfd{fd: fd, file: os.NewFile(uintptr(fd), "timerfd")}, true), nil
}

func (t *timerfd) set(after time.Duration) {
	spec := unix.ItimerSpec{Value: unix.NsecToTimespec(max(1, int64(after)))} // 0 would turn it off
	_ = unix.TimerfdSettime(t.fd, 0, &spec, nil)                              // fails for bad arguments only
}

func (t *timerfd) wait() bool {
	_, err := t.file.Read(t.count[:])
	return err == nil
}

func (t *timerfd) close() error { return t.file.Close() }
