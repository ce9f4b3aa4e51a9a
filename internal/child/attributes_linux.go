package child

import (
	"errors"
	"syscall"

	"golang.org/x/sys/unix"
)

// attributes give a process its own group, and have the kernel kill it when the
// thread that started it ends.
func attributes() *attr { return &attr{Setpgid: true, Pdeathsig: syscall.SIGKILL} }

// untilDead waits for the end of a child and leaves it to be waited for.
func untilDead(pid int) bool {
	for {
		err := unix.Waitid(unix.P_PID, pid, nil, unix.WEXITED|unix.WNOWAIT, nil)
		if !errors.Is(err, unix.EINTR) {
			return err == nil
		}
	}
}
