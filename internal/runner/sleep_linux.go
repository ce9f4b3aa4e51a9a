package runner

import (
	"runtime"
	"time"

	"golang.org/x/sys/unix"
)

// sleep blocks the calling thread in the kernel. The runtime's own timers are
// up to a millisecond late on Linux, because an idle processor waits for them
// in epoll; the kernel's are late by tens of microseconds.
func sleep(d time.Duration) {
	ts := unix.NsecToTimespec(int64(d))
	_ = unix.ClockNanosleep(unix.CLOCK_MONOTONIC, 0, &ts, nil) // woken early by a signal: the caller spins or waits again
}

// claimThread gives the loop a thread of its own with the finest timer slack,
// which is a property of the thread. The result gives it back.
func claimThread() (release func()) {
	runtime.LockOSThread()
	before, err := unix.PrctlRetInt(unix.PR_GET_TIMERSLACK, 0, 0, 0, 0)
	if err != nil {
		return runtime.UnlockOSThread
	}
	_ = unix.Prctl(unix.PR_SET_TIMERSLACK, 1, 0, 0, 0)
	return func() {
		_ = unix.Prctl(unix.PR_SET_TIMERSLACK, uintptr(before), 0, 0, 0)
		runtime.UnlockOSThread()
	}
}
