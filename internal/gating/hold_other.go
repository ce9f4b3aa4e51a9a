//go:build !unix

package gating

import (
	"errors"
	"os"
)

// releaseFile removes what [holdFile] made.
func releaseFile(f *os.File) error { return errors.Join(f.Close(), os.Remove(f.Name())) }

// holdFile makes a file that must not be there: this system has no locks that end
// with their process.
func holdFile(path string) (*os.File, error) {
	return os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o644)
}
