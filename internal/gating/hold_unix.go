//go:build unix

package gating

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"syscall"
)

// releaseFile lets go of a file. It stays: another process may have opened it already,
// and would hold what a third one no longer finds.
func releaseFile(f *os.File) error { return f.Close() }

// holdFile locks a file as long as it is open; the kernel lets go of it when the
// process is gone, however that comes about. The error says who holds it.
func holdFile(path string) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o644)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		who, _ := io.ReadAll(io.LimitReader(f, 32))
		return nil, errors.Join(fmt.Errorf("it is process %s", strings.TrimSpace(string(who))), f.Close())
	}
	err = f.Truncate(0)
	if err == nil {
		_, err = fmt.Fprintln(f, os.Getpid())
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}
