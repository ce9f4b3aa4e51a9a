//go:build !unix

package child

import (
	"errors"
	"os"
	"os/exec"
	"syscall"
)

// Group is a process group, which this system does not have.
type Group struct{}

// NewGroup fails.
func NewGroup() (*Group, error) {
	return nil, errors.New("a process group cannot be opened: this system has none")
}

// Start is never called.
func (g *Group) Start(cmd *exec.Cmd) (*Child, error) { return Start(cmd) }

// Signal is never called.
func (g *Group) Signal(syscall.Signal) error { return os.ErrProcessDone }

// End does nothing.
func (g *Group) End() {}
