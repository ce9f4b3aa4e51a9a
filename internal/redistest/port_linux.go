package redistest

import (
	"errors"
	"strconv"
	"syscall"
	"testing"
)

// FreePort returns a port of loopback on which nobody listens. Until the test ends the
// kernel gives it to nobody who asks for any, but to who asks for it by its number.
func FreePort(t testing.TB) string {
	t.Helper()
	fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = syscall.Close(fd) })
	err = syscall.SetsockoptInt(fd, syscall.SOL_SOCKET, syscall.SO_REUSEADDR, 1) // or nobody at all could have it
	err = errors.Join(err, syscall.Bind(fd, &syscall.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}))
	held, problem := syscall.Getsockname(fd)
	if err = errors.Join(err, problem); err != nil {
		t.Fatal(err)
	}
	return strconv.Itoa(held.(*syscall.SockaddrInet4).Port)
}
