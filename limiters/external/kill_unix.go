//go:build unix

package external

import (
	"os"
	"syscall"
)

// kill ends a program and its process group. A program that is gone already has
// a number that may be another's by now, so then nothing is killed by number.
func kill(p *os.Process) {
	if p.Kill() == nil {
		_ = syscall.Kill(-p.Pid, syscall.SIGKILL) // fails only if all of them are gone
	}
}
