//go:build unix && !linux

package bubble

import "syscall"

// attributes put the child into a process group of its own, so that Ctrl-C in a
// terminal reaches it only through its parent.
func attributes() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }
