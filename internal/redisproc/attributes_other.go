//go:build !unix

package redisproc

import "syscall"

func attributes() *syscall.SysProcAttr { return nil }
