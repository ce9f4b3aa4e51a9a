//go:build unix && !linux

package redisproc

import "syscall"

// attributes put the server into a process group of its own, so that Ctrl-C in a
// terminal does not reach it while a run drains.
func attributes() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }
