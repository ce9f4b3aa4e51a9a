package bubble

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"time"

	"github.com/fcbench/fcbench/internal/child"
)

const (
	endWithin = 3 * time.Second // of a child that was told to
	maxStderr = 64 << 10        // bytes kept of what the child has to complain about
	shown     = 1 << 10         // bytes of it shown when nothing in it stands out
)

// Run starts this program again with args, as a child that must call [Main],
// and waits for its end. The child reads in; what it prints goes to out as it
// comes. When ctx ends the child is told so, and what it makes of that, in time
// and with code 0, is as good as any other end; after 3 s it is killed.
//
// The child hears of signals only through its parent, whose end it does not
// outlive where the system can see to that.
//
// The error says what the child wrote to standard error. It wraps the
// *[exec.ExitError] of a child that did not return 0, or the cause of a ctx
// that ended before.
func Run(ctx context.Context, in []byte, out io.Writer, args ...string) error {
	if _, called := Called(); called {
		return errNested
	}
	path, err := os.Executable()
	if err != nil {
		return fmt.Errorf("this program cannot be started again: %w", err)
	}
	cmd := exec.Command(path)
	cmd.Args = append([]string{os.Args[0], argument}, args...)
	complaints := &child.Head{Most: maxStderr}
	cmd.Stdout, cmd.Stderr, cmd.WaitDelay = out, complaints, endWithin
	if err := converse(ctx, cmd, in); err != nil {
		return failure(ctx, err, complaints.String())
	}
	return nil
}

// converse runs cmd to its end, which ctx has no part in unless the child is deaf.
func converse(ctx context.Context, cmd *exec.Cmd, in []byte) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return err
	}
	c, err := child.Start(cmd)
	if err != nil {
		return err
	}
	stop := context.AfterFunc(ctx, func() {
		tell := func() { _ = stdin.Close() }
		c.End(context.WithoutCancel(ctx), tell, endWithin)
	})
	defer stop()
	unsent := send(stdin, in)
	if err := c.Wait(); err != nil {
		return err
	}
	return unsent
}

// failure says why a child ended with err.
func failure(ctx context.Context, err error, stderr string) error {
	if ctx.Err() != nil {
		return fmt.Errorf("process in virtual time was stopped: %w", context.Cause(ctx))
	}
	if why := reason(stderr); why != "" {
		return fmt.Errorf("process in virtual time failed: %w: %s", err, why)
	}
	return fmt.Errorf("process in virtual time failed without a word: %w", err)
}

// reason finds what matters in what a process wrote before its end: the last
// words of the Go runtime if there are any, without the stacks that follow.
func reason(stderr string) string {
	for _, mark := range []string{"panic: ", "fatal error: "} {
		if i := strings.Index("\n"+stderr, "\n"+mark); i >= 0 {
			line, _, _ := strings.Cut(stderr[i:], "\n")
			return strings.TrimSuffix(line, " [recovered, repanicked]")
		}
	}
	stderr = strings.TrimSpace(stderr)
	return stderr[max(0, len(stderr)-shown):]
}
