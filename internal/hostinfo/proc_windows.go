package hostinfo

import (
	"syscall"
	"time"
)

func spentNow() spent {
	var created, exited, kernel, user syscall.Filetime
	process, err := syscall.GetCurrentProcess()
	if err != nil || syscall.GetProcessTimes(process, &created, &exited, &kernel, &user) != nil {
		return spent{}
	}
	return spent{cpu: length(kernel) + length(user)}
}

// length reads a number of 100 ns that is no instant.
func length(t syscall.Filetime) time.Duration {
	return time.Duration(uint64(t.HighDateTime)<<32|uint64(t.LowDateTime)) * 100
}

// fileLimit is 0: handles have no limit that a run could meet.
func fileLimit() uint64 { return 0 }

func peakRSS() uint64 { return 0 }
