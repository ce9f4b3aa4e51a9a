//go:build !unix

package child

import (
	"os"
	"syscall"
)

type attr = syscall.SysProcAttr

func attributes() *attr { return nil }

func kill(p *os.Process) { _ = p.Kill() } // fails only if it is gone already

func killGroup(int) {}

func untilDead(int) bool { return false }
