//go:build !unix

package bubble

import "syscall"

func attributes() *syscall.SysProcAttr { return nil }
