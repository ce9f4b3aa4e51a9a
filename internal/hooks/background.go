package hooks

import (
	"bytes"
	"context"
	"fmt"
	"os"

	"github.com/fcbench/fcbench/internal/child"
)

// background is what prepare starts and may leave running. All of it prints into
// one pipe, which stays open as long as the hooks do: a server that finds nobody
// at the other end would be killed by its own log.
type background struct {
	group   *child.Group
	r, w    *os.File
	printed child.Tail
	marked  chan struct{} // a mark has come through the pipe
	over    chan struct{} // closed when nothing is read any more
}

func newBackground() (*background, error) {
	g, err := child.NewGroup()
	if err != nil {
		return nil, err
	}
	r, w, err := os.Pipe()
	if err != nil {
		g.End()
		return nil, err
	}
	b := &background{group: g, r: r, w: w, printed: child.Tail{Most: shown}, marked: make(chan struct{}, 1), over: make(chan struct{})}
	go b.listen()
	return b, nil
}

// run runs the command to its own end, and no further.
func (b *background) run(ctx context.Context, command string) error {
	cmd := shell(command)
	cmd.Stdout, cmd.Stderr = b.w, b.w
	c, err := b.group.Start(cmd)
	if err != nil {
		return err
	}
	err = await(ctx, c, b.group.End)
	b.settle()
	return err
}

// mark goes through the pipe after what a command printed, to know when all of
// that has arrived although others hold the pipe open.
const mark = 0

func (b *background) settle() {
	if _, err := b.w.Write([]byte{mark}); err == nil {
		<-b.marked
	}
}

// listen takes what is printed until the pipe is closed.
func (b *background) listen() {
	defer close(b.over)
	buf := make([]byte, 4<<10)
	for {
		n, err := b.r.Read(buf)
		_, _ = b.printed.Write(bytes.ReplaceAll(buf[:n], []byte{mark}, nil))
		if bytes.IndexByte(buf[:n], mark) >= 0 {
			select {
			case b.marked <- struct{}{}:
			default:
			}
		}
		if err != nil {
			return
		}
	}
}

// end kills what is left.
func (b *background) end() {
	if b == nil {
		return
	}
	b.group.End()
	_, _ = b.w.Close(), b.r.Close()
	<-b.over
}

// sofar is what was printed, to be shown with the failure of something else.
func (b *background) sofar() string {
	if b == nil {
		return ""
	}
	b.settle()
	if text := b.printed.String(); text != "" {
		return fmt.Sprintf("(prepare, and what it left running) %s", text)
	}
	return ""
}
