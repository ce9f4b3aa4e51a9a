//go:build unix

package hostinfo

import (
	"syscall"
	"time"
)

func spentNow() spent {
	var ru syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &ru) != nil {
		return spent{}
	}
	return spent{cpu: time.Duration(ru.Utime.Nano() + ru.Stime.Nano()), preempted: uint64(ru.Nivcsw)}
}

// fileLimit is how many files this process may have open at once; 0 for no limit.
func fileLimit() uint64 {
	var limit syscall.Rlimit
	if syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit) != nil || uint64(limit.Cur) >= 1<<62 {
		return 0
	}
	return uint64(limit.Cur)
}
