//go:build unix

package redisproc

import (
	"os"
	"path/filepath"
	"syscall"
)

// own locks the directory. The file gets its name when it is locked, so that
// nobody ever sees it unlocked before its owner is gone.
func own(dir string) (*os.File, error) {
	file, err := os.CreateTemp(dir, lockName)
	if err != nil {
		return nil, err
	}
	if err = syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err == nil {
		err = os.Rename(file.Name(), filepath.Join(dir, lockName))
	}
	if err != nil {
		_ = file.Close()
		return nil, err
	}
	return file, nil
}

// seize takes over the lock of a directory unless somebody holds it; nil where
// there is none.
func seize(dir string) (lock *os.File, held bool) {
	file, err := os.OpenFile(filepath.Join(dir, lockName), os.O_RDWR|syscall.O_NOFOLLOW, 0)
	if err != nil {
		return nil, !os.IsNotExist(err)
	}
	if syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB) != nil {
		_ = file.Close()
		return nil, true
	}
	return file, false
}

// mine reports whether this user made the directory, which is none by another name.
func mine(dir string) bool {
	info, err := os.Lstat(dir)
	if err != nil || !info.IsDir() {
		return false
	}
	stat, ok := info.Sys().(*syscall.Stat_t)
	return ok && int(stat.Uid) == os.Getuid()
}
