package wire

import (
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// await waits for events, not past until, and returns how many there are. It
// blocks until shortly before, and then looks again and again: the kernel wakes
// nobody to the microsecond.
func (l *lane) await(until time.Duration) int {
	now := l.env.Clock()
	if until <= now {
		return l.wait(0)
	}
	if goal := until - l.env.Lead(until); goal > now {
		for now < goal { // a signal may cut a wait short
			if n := l.wait(goal - now); n > 0 {
				return n
			}
			now = l.env.Clock()
		}
		l.env.Woke(now - goal)
	}
	for {
		if n := l.wait(0); n > 0 || l.env.Clock() >= until {
			return n
		}
	}
}

// wait is epoll_pwait2, which takes nanoseconds.
func (l *lane) wait(d time.Duration) int {
	var n uintptr
	var no unix.Errno
	at := unsafe.Pointer(&l.events[0])
	if d <= 0 {
		n, _, no = unix.RawSyscall6(unix.SYS_EPOLL_PWAIT, uintptr(l.epoll), uintptr(at), uintptr(len(l.events)), 0, 0, 0)
	} else {
		ts := unix.NsecToTimespec(int64(d))
		n, _, no = unix.Syscall6(unix.SYS_EPOLL_PWAIT2, uintptr(l.epoll), uintptr(at), uintptr(len(l.events)), uintptr(unsafe.Pointer(&ts)), 0, 0)
	}
	if no != 0 {
		return 0
	}
	return int(n)
}

// eventful reports whether there are event loops on this system: Linux has
// epoll_pwait2 since 5.11, and some sandboxes forbid it.
func eventful() bool {
	nowhere := -1
	_, _, no := unix.RawSyscall6(unix.SYS_EPOLL_PWAIT2, uintptr(nowhere), 0, 0, 0, 0, 0)
	return no != unix.ENOSYS && no != unix.EPERM
}
