//go:build unix

package child

import (
	"os"
	"syscall"
)

type attr = syscall.SysProcAttr

// kill ends a program and its process group. A program that is gone already has
// a number that may be another's by now, so then nothing is killed by number.
func kill(p *os.Process) {
	if p.Kill() == nil {
		killGroup(p.Pid)
	}
}

// killGroup fails only if all of them are gone.
func killGroup(leader int) { _ = syscall.Kill(-leader, syscall.SIGKILL) }
