//go:build unix && !linux

package hostinfo

import (
	"runtime"
	"syscall"
	"time"
)

// spent is what this process has used so far, over all threads that it ever had.
type spent struct {
	cpu       time.Duration
	preempted uint64
}

func spentNow() spent {
	var ru syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &ru) != nil {
		return spent{}
	}
	return spent{cpu: time.Duration(ru.Utime.Nano() + ru.Stime.Nano()), preempted: uint64(ru.Nivcsw)}
}

// threadCPU is not told: what is done aside counts as the process's own.
func threadCPU() time.Duration { return 0 }

// fileLimit is how many files this process may have open at once; 0 for no limit.
func fileLimit() uint64 {
	var limit syscall.Rlimit
	if syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit) != nil || uint64(limit.Cur) >= 1<<62 {
		return 0
	}
	return uint64(limit.Cur)
}

func resetPeakRSS() {}

func peakRSS() uint64 {
	var ru syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &ru) != nil {
		return 0
	}
	if runtime.GOOS == "darwin" {
		return uint64(ru.Maxrss)
	}
	return uint64(ru.Maxrss) << 10
}

func steal() time.Duration { return 0 }
