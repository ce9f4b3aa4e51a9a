// Package child keeps the programs that this one starts: private servers,
// limiters in other languages, hooks, and itself in virtual time.
//
// A child is in a process group of its own, so that Ctrl-C in a terminal reaches
// it only through its parent. It does not outlive its parent: on Linux the kernel
// kills it when the thread that started it ends, and that thread stays with it.
// What it starts itself is killed when it ends; to be sure of that also when this
// process is killed takes a [Group]. Its end is waited for exactly once.
package child

import (
	"context"
	"os"
	"os/exec"
	"runtime"
	"sync"
	"time"
)

// Child is a program that was started.
type Child struct {
	cmd    *exec.Cmd
	ended  chan struct{} // closed when it is gone and what it wrote has been taken
	err    error         // of its end; read after ended
	killed sync.Once
}

// Start runs cmd. It takes care of how the process is to be related to this one;
// everything else is as cmd says. Writers that are no files get what the program
// writes from a goroutine; cmd.WaitDelay bounds how long that may go on after the
// program's end.
func Start(cmd *exec.Cmd) (*Child, error) { return start(cmd, attributes(), true) }

func start(cmd *exec.Cmd, a *attr, alone bool) (*Child, error) {
	cmd.SysProcAttr = a
	c := &Child{cmd: cmd, ended: make(chan struct{})}
	started := make(chan error)
	go c.keep(started, alone)
	if err := <-started; err != nil {
		return nil, err
	}
	return c, nil
}

// keep starts the program and stays with it until its end, on one thread: "dies
// with its parent" means the thread that started it, so a thread that the runtime
// could retire earlier would take the program with it.
func (c *Child) keep(started chan<- error, alone bool) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	err := c.cmd.Start()
	started <- err
	if err != nil {
		return
	}
	if alone && untilDead(c.cmd.Process.Pid) {
		killGroup(c.cmd.Process.Pid) // what it leaves behind; its number is still its own
	}
	c.err = c.cmd.Wait()
	close(c.ended)
}

// PID is the number of the process. It may be another's after the end.
func (c *Child) PID() int { return c.cmd.Process.Pid }

// Ended is closed when the program is gone.
func (c *Child) Ended() <-chan struct{} { return c.ended }

// Gone reports whether the program has ended.
func (c *Child) Gone() bool {
	select {
	case <-c.ended:
		return true
	default:
		return false
	}
}

// State says how the program ended; it waits for the end.
func (c *Child) State() *os.ProcessState {
	<-c.ended
	return c.cmd.ProcessState
}

// Wait returns when the program has ended, and how: nil for exit status 0, else
// what [exec.Cmd.Wait] says.
func (c *Child) Wait() error {
	<-c.ended
	return c.err
}

// Signal sends the program a signal; [os.ErrProcessDone] if it is gone.
func (c *Child) Signal(s os.Signal) error { return c.cmd.Process.Signal(s) }

// Kill ends the program and what it started, whatever they are doing, and does
// not wait for it.
func (c *Child) Kill() { c.killed.Do(func() { kill(c.cmd.Process) }) }

// End asks the program to end, in whichever way it understands, and kills it if
// it does not within grace, or when ctx ends. It returns when the program is gone
// and says whether it had to be killed.
func (c *Child) End(ctx context.Context, ask func(), grace time.Duration) (killed bool) {
	ask()
	late := time.NewTimer(grace)
	defer late.Stop()
	select {
	case <-c.ended:
		return false
	case <-late.C:
	case <-ctx.Done():
	}
	c.Kill()
	<-c.ended
	return true
}
