//go:build unix

package redisproc

import "syscall"

func pause(p *process) error  { return p.child.Signal(syscall.SIGSTOP) }
func resume(p *process) error { return p.child.Signal(syscall.SIGCONT) }
