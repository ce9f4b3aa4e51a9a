package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
)

// destination is a file that results go to. What stood in it before is replaced
// when there is something to replace it with, and not sooner, so that a command
// that fails before its first result leaves an older one in place.
type destination struct {
	*os.File
	path    string
	tell    io.Writer
	before  string // what a regular file held, in words; "" for nothing
	regular bool
	created bool
	begun   bool
}

// orStdout is "-" for standard output by the name of its device: opened anew, a
// file behind it would be written to from its start, over the table.
func orStdout(path string) string {
	if path == "/dev/stdout" {
		return "-"
	}
	return path
}

// openDestination opens a file for writing, or makes one, so that a path that
// cannot be written costs no measurement.
func openDestination(path string, tell io.Writer) (*destination, error) {
	_, err := os.Stat(path)
	d := &destination{path: path, tell: tell, created: errors.Is(err, fs.ErrNotExist)}
	if d.File, err = os.OpenFile(path, os.O_WRONLY|os.O_CREATE, 0o666); err != nil {
		return nil, err
	}
	info, err := d.Stat()
	if err != nil {
		return nil, errors.Join(err, d.File.Close())
	}
	if d.regular = info.Mode().IsRegular(); d.regular && info.Size() > 0 {
		d.before = contents(path, info.Size())
	}
	return d, nil
}

// countable is the largest file of which the runs are counted.
const countable = 64 << 20

// contents says what a file of so many bytes holds: "3 runs", or "120 bytes".
func contents(path string, size int64) string {
	if size > countable {
		return fmt.Sprintf("%d MiB", size>>20)
	}
	text, err := os.ReadFile(path)
	if runs := bytes.Count(text, []byte("\n")); err == nil && runs > 0 && bytes.HasPrefix(text, []byte(`{"schema":"fcbench.run/`)) {
		return fmt.Sprintf("%d run%s", runs, plural(runs))
	}
	return fmt.Sprintf("%d byte%s", size, plural(int(size)))
}

// Write replaces what was there, and says so, before it writes for the first time.
func (d *destination) Write(b []byte) (int, error) {
	if !d.begun {
		if err := d.begin(); err != nil {
			return 0, err
		}
	}
	return d.File.Write(b)
}

func (d *destination) begin() error {
	d.begun = true
	if d.before == "" {
		return nil
	}
	fmt.Fprintf(d.tell, "fcbench: replaced %s (%s)\n", d.path, d.before)
	return d.Truncate(0)
}

// Close leaves no empty file behind that was not there before.
func (d *destination) Close() error {
	err := d.File.Close()
	switch {
	case d.begun:
	case d.created && d.regular:
		err = errors.Join(err, os.Remove(d.path))
	case d.before != "":
		fmt.Fprintf(d.tell, "fcbench: %s is as it was (%s): there is nothing to replace it with\n", d.path, d.before)
	}
	return err
}

// writeFile writes a file at once: what cannot be made whole replaces nothing.
func writeFile(s streams, path string, write func(io.Writer) error) error {
	f, err := openDestination(path, s.err)
	if err != nil {
		return err
	}
	return errors.Join(whole(f, write), f.Close())
}

// same reports whether both are one file, under whatever names.
func (d *destination) same(other *destination) bool {
	a, errA := d.Stat()
	b, errB := other.Stat()
	return d.regular && errA == nil && errB == nil && os.SameFile(a, b)
}
