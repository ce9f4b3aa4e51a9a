package external

import "syscall"

// attributes put the program into a process group of its own, so that Ctrl-C in
// a terminal does not reach it while a run drains, and have the kernel kill it
// when the thread that started it ends.
func attributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}
