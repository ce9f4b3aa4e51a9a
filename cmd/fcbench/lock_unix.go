//go:build unix

package main

import (
	"os"
	"syscall"
)

// lock keeps others from locking a file as long as it is open; the kernel lets go of
// it when the process is gone, however that comes about.
func lock(f *os.File) error { return syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB) }
