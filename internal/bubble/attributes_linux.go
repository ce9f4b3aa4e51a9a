package bubble

import "syscall"

// attributes put the child into a process group of its own, so that Ctrl-C in a
// terminal reaches it only through its parent, and have the kernel kill it when
// the thread that started it ends.
func attributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}
