package generators

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
)

// maxSpool is how much is kept of what cannot be read twice, in bytes.
const maxSpool = 1 << 30

// Files opens recordings. What cannot be read twice, such as a pipe, is copied to
// a temporary file without a name, which vanishes with the process; several
// streams that read one pipe read one copy. The zero Files is ready for use by
// one goroutine.
type Files struct {
	limit int64 // of a copy; 0: maxSpool
	kept  []*content
}

// content is what a recording held when it was opened, as often as it is wanted:
// what is appended later is no part of it.
type content struct {
	name   string
	file   *os.File
	size   int64
	origin os.FileInfo // of the pipe that file is a copy of; nil for a file
}

// open returns the content of a file, or a copy of what is none.
func (f *Files) open(name string) (*content, error) {
	for _, c := range f.kept {
		if info, err := os.Stat(name); err == nil && os.SameFile(info, c.origin) {
			return c, nil
		}
	}
	file, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	info, err := file.Stat()
	switch {
	case err != nil:
		return nil, errors.Join(err, file.Close())
	case info.IsDir():
		return nil, errors.Join(fmt.Errorf("%s is a directory; want a recording", name), file.Close())
	case info.Mode().IsRegular() && info.Size() > 0: // files of /proc have no size
		return &content{name: name, file: file, size: info.Size()}, nil
	}
	c, err := f.spool(name, file, info)
	return c, errors.Join(err, file.Close())
}

// spool copies what can be read only once.
func (f *Files) spool(name string, from io.Reader, info os.FileInfo) (*content, error) {
	to, err := os.CreateTemp("", "fcbench-trace-*")
	if err != nil {
		return nil, fmt.Errorf("%s cannot be read twice, and not be kept: %w", name, err)
	}
	limit := f.limit
	if limit == 0 {
		limit = maxSpool
	}
	n, err := io.Copy(to, io.LimitReader(from, limit+1))
	if err == nil && n > limit {
		err = fmt.Errorf("it holds more than %d bytes; want a file", limit)
	}
	if err = errors.Join(err, os.Remove(to.Name())); err != nil {
		return nil, errors.Join(fmt.Errorf("%s cannot be read twice, and not be kept: %w", name, err), to.Close())
	}
	c := &content{name, to, n, info}
	f.kept = append(f.kept, c)
	return c, nil
}

// reader reads the content from its start.
func (c *content) reader() io.Reader { return io.NewSectionReader(c.file, 0, c.size) }

// notes says what was done to be able to read it again.
func (c *content) notes() []string {
	if c.origin == nil || c.size == 0 {
		return nil
	}
	return []string{fmt.Sprintf("%s cannot be read twice; a copy of its %d bytes is kept in a temporary file", c.name, c.size)}
}

// path names the content to other processes while this one lives. What /dev and
// /proc hold, such as /dev/stdin, is not the same to them.
func (c *content) path() string {
	if c.origin == nil && !strings.HasPrefix(c.name, "/dev/") && !strings.HasPrefix(c.name, "/proc/") {
		return c.name
	}
	return fmt.Sprintf("/proc/%d/fd/%d", os.Getpid(), c.file.Fd())
}
