//go:build unix && !linux

package external

import "syscall"

// attributes put the program into a process group of its own, so that Ctrl-C in
// a terminal does not reach it while a run drains.
func attributes() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }
