package flawed

import (
	"time"

	"github.com/fcbench/fcbench/limiters"
)

// lying says what is not so. Some say it of grants, and nothing of denials.
func lying() map[string]Program {
	tells := func(lie func(d *limiters.Decision)) Program {
		return Program{tells: func(_ Request, d *limiters.Decision) { lie(d) }}
	}
	remaining := func(of func(remaining int64) int64) Program {
		return tells(func(d *limiters.Decision) {
			if d.Remaining = of(d.Remaining); !d.Allowed {
				d.Remaining = -1
			}
		})
	}
	reset := func(of func(reset time.Duration) time.Duration) Program {
		return tells(func(d *limiters.Decision) {
			if d.ResetAfter = of(d.ResetAfter); !d.Allowed {
				d.ResetAfter = limiters.Unknown
			}
		})
	}
	retry := func(of func(wait time.Duration) time.Duration) Program {
		return tells(func(d *limiters.Decision) {
			if d.RetryAfter != 0 && d.RetryAfter != limiters.Never {
				d.RetryAfter = of(d.RetryAfter)
			}
		})
	}
	return map[string]Program{
		"remaining too high on grants": remaining(func(n int64) int64 { return n + 1 }),
		"remaining too low on grants":  remaining(func(n int64) int64 { return max(0, n-1) }),
		"remaining 0 on grants":        remaining(func(int64) int64 { return 0 }),
		"reset too late on grants":     reset(func(d time.Duration) time.Duration { return d + 1 }),
		"reset too early on grants":    reset(func(d time.Duration) time.Duration { return d - 1 }),
		"reset 0 on grants":            reset(func(time.Duration) time.Duration { return 0 }),
		"reset as soon as the wait": tells(func(d *limiters.Decision) {
			if !d.Allowed && d.RetryAfter != limiters.Never {
				d.ResetAfter = d.RetryAfter
			}
		}),
		"a wait too short":            retry(func(d time.Duration) time.Duration { return d - 1 }),
		"a wait too long":             retry(func(d time.Duration) time.Duration { return d + 1 }),
		"half the wait":               retry(func(d time.Duration) time.Duration { return d / 2 }),
		"an hour to wait":             retry(func(time.Duration) time.Duration { return time.Hour }),
		"a wait for what never comes": tells(func(d *limiters.Decision) { d.RetryAfter = min(d.RetryAfter, time.Hour) }),
		"decided at the start":        tells(func(d *limiters.Decision) { d.At = 0 }),
	}
}
