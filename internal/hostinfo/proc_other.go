//go:build !linux

package hostinfo

import "time"

// threadCPU is not told: what is done aside counts as the process's own.
func threadCPU() time.Duration { return 0 }

func resetPeakRSS() {}

func steal() time.Duration { return 0 }
