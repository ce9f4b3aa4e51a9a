//go:build !linux

package runner

import "time"

func sleep(d time.Duration) { time.Sleep(d) }

func claimThread() (release func()) { return func() {} }
