package bubble

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"time"
)

const (
	lastWords = time.Second // for what the child's own children still hold open after its end
	maxStderr = 64 << 10    // bytes kept of what the child has to complain about
	shown     = 1 << 10     // bytes of it shown when nothing in it stands out
)

// Run starts this program again with args, as a child that must call [Main],
// and waits for its end. The child reads in, and may be nil for none; what it
// prints goes to out as it comes. When ctx ends the child is killed.
//
// The error says what the child wrote to standard error. It wraps the
// *[exec.ExitError] of a child that did not return 0, and the cause of a ctx
// that ended.
func Run(ctx context.Context, in io.Reader, out io.Writer, args ...string) error {
	if _, called := Called(); called {
		return errNested
	}
	path, err := os.Executable()
	if err != nil {
		return fmt.Errorf("this program cannot be started again: %w", err)
	}
	cmd := exec.CommandContext(ctx, path)
	cmd.Args = append([]string{os.Args[0], argument}, args...)
	complaints := &head{most: maxStderr}
	cmd.Stdin, cmd.Stdout, cmd.Stderr = in, out, complaints
	cmd.WaitDelay = lastWords
	if err := cmd.Run(); err != nil {
		return failure(ctx, err, complaints.kept.String())
	}
	return nil
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

// head keeps the beginning of what is written to it and lets the rest pass, so
// that a talkative process never waits and never fills the memory.
type head struct {
	kept bytes.Buffer
	most int
}

func (h *head) Write(p []byte) (int, error) {
	h.kept.Write(p[:min(len(p), h.most-h.kept.Len())])
	return len(p), nil
}
