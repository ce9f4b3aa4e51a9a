package guards

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"time"
)

// beating holds while a file is touched often enough.
type beating struct {
	path   string
	within time.Duration
	now    func() time.Time
}

// Beating holds while the file was touched within that time.
func Beating(path string, within time.Duration) Guard { return beating{path, within, time.Now} }

func (b beating) String() string { return "--dead-man " + b.path }

func (b beating) Ask(context.Context) error {
	info, err := os.Stat(b.path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return tripped(b, "there is no such file; want one that is touched every %v at least", b.within)
	case err != nil:
		return err
	case !info.Mode().IsRegular():
		return tripped(b, "it is no regular file; want one that is touched every %v at least", b.within)
	}
	switch age := b.now().Sub(info.ModTime()); {
	case age > b.within:
		return tripped(b, "it was touched %v ago; want it touched every %v at least", age.Round(time.Second/10), b.within)
	case age < -b.within:
		return tripped(b, "it was touched at %s, which is still to come", info.ModTime().Format(time.RFC3339))
	}
	return nil
}

// connected holds while standard input is open.
type connected struct{ closed chan struct{} }

// Connected holds until r ends, which it reads from now on: standard input ends with
// the terminal, the session or the program that holds the other end of it.
func Connected(r io.Reader) Guard {
	c := connected{make(chan struct{})}
	go func() {
		defer close(c.closed)
		_, _ = io.Copy(io.Discard, r)
	}()
	return c
}

func (connected) String() string { return "--dead-man -" }

func (c connected) Ask(context.Context) error {
	select {
	case <-c.closed:
		return tripped(c, "standard input is closed")
	default:
		return nil
	}
}
