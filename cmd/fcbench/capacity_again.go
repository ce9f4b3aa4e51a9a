package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/fcbench/fcbench/internal/capacity"
)

// keptAs is a name that is free beside a file, for what is in it.
func keptAs(path string) (string, error) {
	for n := 1; ; n++ {
		name := fmt.Sprintf("%s.%d", path, n)
		switch _, err := os.Lstat(name); {
		case errors.Is(err, fs.ErrNotExist):
			return name, nil
		case err != nil:
			return "", err
		}
	}
}

// howAgain says what --again does with what is in a file.
func howAgain(path string) string {
	name, err := keptAs(path)
	if err != nil {
		return "--again to search again"
	}
	return fmt.Sprintf("--again to search again, which keeps them as %s", name)
}

// ended is the error of a search that is over: nothing was sent.
func (o *capacityOptions) ended(a capacity.Answer) error {
	how := string(a.Verdict)
	if len(a.Reasons) > 0 {
		how += " (" + a.Reasons[0] + ")"
	}
	return usage(fmt.Errorf("%s has all trials of this search already, which ended with %s, and nothing was sent; want %s, another file with --trials, or fcbench capacity replay %[1]s", o.file, how, howAgain(o.file)))
}

// setAside keeps the trials in f, which nobody else may write to, under another name, and
// returns a new file in its place. What is not of trials is left alone.
func (o *capacityOptions) setAside(s streams, f *os.File) (*os.File, error) {
	if info, err := f.Stat(); err != nil || info.Size() == 0 {
		return f, err
	}
	if _, _, err := capacity.ReadJournal(f); err != nil {
		return f, usage(fmt.Errorf("%s: %w", o.file, err))
	}
	name, err := keptAs(o.file)
	if err == nil {
		err = os.Rename(o.file, name)
	}
	if err != nil {
		return f, err
	}
	s.say(fmt.Sprintf("the trials that were in %s are in %s", o.file, name))
	fresh, err := os.OpenFile(o.file, os.O_RDWR|os.O_CREATE|os.O_EXCL|os.O_APPEND, 0o644)
	if err != nil {
		return f, err
	}
	if err := errors.Join(f.Close(), o.claim(fresh)); err != nil {
		return fresh, err
	}
	return fresh, nil
}

// claim makes sure that a file is one that can be appended to, and that nobody else does.
func (o *capacityOptions) claim(f *os.File) error {
	info, err := f.Stat()
	switch {
	case err != nil:
		return err
	case !info.Mode().IsRegular():
		return usage(fmt.Errorf("%s is no regular file; want one with --trials", o.file))
	case lock(f) != nil:
		return usage(fmt.Errorf("another search writes to %s; want another file with --trials, or that one ended first", o.file))
	}
	return nil
}
