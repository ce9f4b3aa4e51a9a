//go:build linux

package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"syscall"
	"time"
)

// serverCore and clientCore are where either side is kept, on a machine that has both.
const (
	serverCore = "1"
	clientCore = "0"
	anyCore    = ""
)

// pinned keeps a command on a core, where there are cores enough.
func pinned(core string, args []string) []string {
	if _, err := exec.LookPath("taskset"); err != nil || core == anyCore || runtime.NumCPU() < 2 {
		return args
	}
	return append([]string{"taskset", "-c", core}, args...)
}

// find is the path of a program: of those installed for this, else of the system.
func (o options) find(name string) string {
	if path, err := exec.LookPath(filepath.Join(o.bin, name)); err == nil {
		return path
	}
	path, _ := exec.LookPath(name)
	return path
}

// command is one that finds the programs that were installed for this.
func (o options) command(ctx context.Context, core string, args []string) (*exec.Cmd, error) {
	bin, err := filepath.Abs(o.bin)
	if err != nil {
		return nil, err
	}
	args = pinned(core, args)
	if path := o.find(args[0]); path != "" {
		args[0] = path
	}
	c := exec.CommandContext(ctx, args[0], args[1:]...)
	c.Env = append(os.Environ(), "PATH="+bin+string(os.PathListSeparator)+os.Getenv("PATH"))
	return c, nil
}

// spent is what a command took, with all that it started.
type spent struct {
	cpu time.Duration
	own int64 // bytes, the most memory that it had to itself at once
}

// patience is how much longer than asked a generator may take.
const patience = time.Minute

// measure runs a generator to its end.
func (o options) measure(j job, args []string) (out []byte, s spent, err error) {
	return o.measureOn(clientCore, j, args)
}

func (o options) measureOn(core string, j job, args []string) (out []byte, s spent, err error) {
	ctx, cancel := context.WithTimeout(context.Background(), j.length()+patience)
	defer cancel()
	c, err := o.command(ctx, core, args)
	if err != nil {
		return nil, s, err
	}
	var said, printed bytes.Buffer
	c.Stdout, c.Stderr = &printed, &said
	if err := c.Start(); err != nil {
		return nil, s, err
	}
	most := make(chan int64, 1)
	looking, ended := context.WithCancel(context.Background())
	go func() { most <- ownMemory(looking, c.Process.Pid) }()
	err = c.Wait()
	ended()
	s = spent{cpuOf(c.ProcessState), <-most}
	if err != nil {
		return nil, s, fmt.Errorf("%w: %s", err, bytes.TrimSpace(said.Bytes()))
	}
	return printed.Bytes(), s, nil
}

// lookEvery is how far the looks at the memory of a generator are from each other.
const lookEvery = 20 * time.Millisecond

// ownMemory is the most that a process had to itself, which the pages of its program are
// not, until ctx ends.
func ownMemory(ctx context.Context, pid int) (most int64) {
	every := time.NewTicker(lookEvery)
	defer every.Stop()
	for {
		if text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid)); err == nil {
			now, _ := memoryIn(string(text), "RssAnon") // of one that has ended there is none
			most = max(most, now)
		}
		select {
		case <-ctx.Done():
			return most
		case <-every.C:
		}
	}
}

// cpuOf is what a process took that has ended.
func cpuOf(p *os.ProcessState) time.Duration {
	u := p.SysUsage().(*syscall.Rusage)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// output is what a command prints that measures nothing.
func (o options) output(args ...string) ([]byte, error) {
	c, err := o.command(context.Background(), clientCore, args)
	if err != nil {
		return nil, err
	}
	return c.Output()
}

// serving starts a server and waits for the line with which it says that it is ready.
// It is not there any more when stop returns.
func (o options) serving(args ...string) (line string, stop func() error, err error) {
	c, err := o.command(context.Background(), serverCore, args)
	if err != nil {
		return "", nil, err
	}
	var said bytes.Buffer
	c.Stderr = &said
	out, err := c.StdoutPipe()
	if err != nil {
		return "", nil, err
	}
	if err := c.Start(); err != nil {
		return "", nil, err
	}
	stop = func() error {
		err := c.Process.Signal(syscall.SIGTERM)
		if err = errors.Join(err, c.Wait()); err != nil {
			err = fmt.Errorf("%w: %s", err, bytes.TrimSpace(said.Bytes()))
		}
		return err
	}
	line, err = bufio.NewReader(out).ReadString('\n')
	if err != nil {
		return "", nil, errors.Join(fmt.Errorf("%s ended before it was ready", args[0]), stop())
	}
	return line, stop, nil
}
