package gating

import (
	"context"
	"io"
	"os"
	"os/exec"
	"syscall"
	"time"

	"github.com/fcbench/fcbench/internal/child"
)

// process is a service and all that it started, which end with it, and with this
// process, however that ends.
type process struct {
	*child.Child
	group   *child.Group
	out     *os.File
	printed child.Tail
	over    chan struct{} // closed when nothing is read any more
}

// launch starts a service.
func launch(cmd *exec.Cmd) (*process, error) {
	group, err := child.NewGroup()
	if err != nil {
		return nil, err
	}
	r, w, err := os.Pipe()
	if err != nil {
		group.End()
		return nil, err
	}
	defer w.Close()
	cmd.Stdout, cmd.Stderr = w, w // a file, as its children may hold it longer than it lives
	p := &process{group: group, out: r, printed: child.Tail{Most: shown}, over: make(chan struct{})}
	if p.Child, err = group.Start(cmd); err != nil {
		group.End()
		_ = r.Close()
		return nil, err
	}
	go func() {
		defer close(p.over)
		_, _ = io.Copy(&p.printed, r)
	}()
	return p, nil
}

// end asks the service and all that it started to end, kills them after grace, and waits
// for what they printed.
func (p *process) end(ctx context.Context, grace time.Duration) (killed bool) {
	late := time.Now().Add(grace)
	killed = p.End(ctx, func() { _ = p.group.Signal(syscall.SIGTERM) }, grace)
	if !killed { // the others too hold what it prints to
		killed = !p.silent(ctx, time.Until(late))
	}
	p.group.End()
	if !p.silent(context.WithoutCancel(ctx), outputWithin) { // what made itself a daemon holds it still
		_ = p.out.SetReadDeadline(time.Now())
	}
	<-p.over
	_ = p.out.Close()
	return killed
}

// silent waits for the end of all that could print something.
func (p *process) silent(ctx context.Context, within time.Duration) bool {
	late := time.NewTimer(within)
	defer late.Stop()
	select {
	case <-p.over:
		return true
	case <-late.C:
	case <-ctx.Done():
	}
	return false
}
