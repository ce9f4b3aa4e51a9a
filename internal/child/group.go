//go:build unix

package child

import (
	"fmt"
	"os"
	"os/exec"
	"sync"
	"syscall"
)

// keeper holds a process group open until its input ends, because this process
// wants no more or is gone, and then ends all of the group. It says when no signal that
// can be ignored ends it any more, as its end is that of all.
const keeper = `trap '' HUP INT QUIT TERM; echo; read line; kill -KILL 0`

// Group is a process group for several programs, one after another or at once.
// What they leave running goes on until the group ends, and no longer than this
// process lives. A program that makes itself a daemon leaves the group.
type Group struct {
	keeper *Child
	in     *os.File // its end is the group's
	deaf   *os.File // is written to when the keeper heeds no signal any more
	once   sync.Once
}

// NewGroup opens a process group.
func NewGroup() (*Group, error) {
	out, in, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	defer out.Close()
	deaf, said, err := os.Pipe()
	if err != nil {
		_ = in.Close()
		return nil, err
	}
	defer said.Close()
	cmd := exec.Command("/bin/sh", "-c", keeper)
	cmd.Stdin, cmd.Stdout = out, said
	k, err := start(cmd, &attr{Setpgid: true}, true) // it outlives this process, for a moment
	if err != nil {
		_, _ = in.Close(), deaf.Close()
		return nil, fmt.Errorf("a process group cannot be opened: %w", err)
	}
	return &Group{keeper: k, in: in, deaf: deaf}, nil
}

// Start runs cmd within the group, otherwise as [Start] does. To kill the child
// does not kill what it started; End does.
func (g *Group) Start(cmd *exec.Cmd) (*Child, error) {
	if g.keeper.Gone() {
		return nil, fmt.Errorf("%s: its process group has ended: %w", cmd.Path, os.ErrProcessDone)
	}
	a := attributes()
	a.Pgid = g.keeper.PID()
	return start(cmd, a, false)
}

// Signal asks all in the group, by a signal that can be ignored: HUP, INT, QUIT or TERM. It
// is the programs' own matter what they do then, and the group goes on.
func (g *Group) Signal(s syscall.Signal) error {
	g.once.Do(func() { _, _ = g.deaf.Read(make([]byte, 1)) })
	if g.keeper.Gone() {
		return os.ErrProcessDone
	}
	return syscall.Kill(-g.keeper.PID(), s)
}

// End kills all that is left in the group, and returns when the kernel knows. It
// may be called again.
func (g *Group) End() {
	_ = g.in.Close()
	g.keeper.Kill()
	<-g.keeper.Ended()
	_ = g.deaf.Close()
}
