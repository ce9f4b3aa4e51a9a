package observe

import (
	"time"

	"golang.org/x/sys/unix"
)

// cpuClock reads the clock that the kernel keeps of a process: the time that all
// threads it ever had were on a core, to the nanosecond. /proc has steps of 10 ms.
func cpuClock(pid int) (time.Duration, bool) {
	const scheduled = 2 // CPUCLOCK_SCHED, in clock_getcpuclockid(3)
	var t unix.Timespec
	err := unix.ClockGettime(int32(^pid<<3|scheduled), &t)
	return time.Duration(t.Nano()), err == nil
}
