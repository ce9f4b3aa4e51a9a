package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/fcbench/fcbench/results"
)

// keepEvery is how often a run in progress is written beside the result file. One
// that is shorter never is.
const keepEvery = 10 * time.Second

// partial is a file beside a result file: one line, the run in progress as far as
// it got, for the case that nobody is left to write more. It is replaced as a
// whole, and removed when the run's own line is in the result file.
type partial struct {
	beside string // the result file
	tell   io.Writer
	path   string // "" while there is none
	failed bool   // which was said
}

// newPartial says what an earlier program left, which stays as it is.
func newPartial(beside string, tell io.Writer) *partial {
	p := &partial{beside: beside, tell: tell}
	for n := 1; ; n++ {
		left := p.name(n)
		info, err := os.Stat(left)
		if err != nil {
			return p
		}
		fmt.Fprintf(tell, "fcbench: %s (%s) was left by a run that was not ended, and stays: it reads like any result file\n", left, contents(left, info.Size()))
	}
}

// name is that of the n-th file, from 1.
func (p *partial) name(n int) string {
	if n == 1 {
		return p.beside + ".partial"
	}
	return fmt.Sprintf("%s.partial.%d", p.beside, n)
}

// keep writes the run in progress. That it cannot is said once, and costs no run.
func (p *partial) keep(run *results.Run) {
	if err := p.replace(run); err != nil && !p.failed {
		p.failed = true
		fmt.Fprintf(p.tell, "fcbench: runs in progress are not written beside %s: %v\n", p.beside, err)
	}
}

func (p *partial) replace(run *results.Run) error {
	var line bytes.Buffer
	if err := results.WriteRun(&line, run); err != nil {
		return err
	}
	path := p.path
	for n := 1; path == ""; n++ {
		if _, err := os.Lstat(p.name(n)); errors.Is(err, fs.ErrNotExist) {
			path = p.name(n)
		} else if err != nil {
			return err
		}
	}
	next := path + ".new"
	if err := writeThrough(next, line.Bytes()); err != nil {
		return err
	}
	if err := os.Rename(next, path); err != nil {
		return errors.Join(err, os.Remove(next))
	}
	p.path = path
	return syncFolder(path)
}

// drop removes the file, when what it holds is in the result file.
func (p *partial) drop() (err error) {
	if p.path != "" {
		err = os.Remove(p.path)
		p.path = ""
	}
	return err
}

// writeThrough writes a file that is whole on the disk when it returns, or not there.
func writeThrough(path string, text []byte) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	_, err = f.Write(text)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		err = errors.Join(err, os.Remove(path))
	}
	return err
}

// syncFolder makes a file's new name last. Not every system can.
func syncFolder(path string) error {
	folder, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	_ = folder.Sync()
	return folder.Close()
}
