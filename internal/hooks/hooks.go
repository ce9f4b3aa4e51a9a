// Package hooks runs what a scenario wants done around its runs: a command that
// prepares, a question until the target is ready, and a command that cleans up.
//
// What prepare leaves running, such as a server in the background, goes on until
// cleanup is over, and is then killed; it does not outlive this process, whatever
// becomes of that. (What makes itself a daemon does.) A hook that takes longer
// than it may is killed together with what it started. What hooks print is kept,
// the last of it, and shown when one fails. $FCBENCH is this program to them.
package hooks

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"sync"
	"time"

	"github.com/fcbench/fcbench/internal/child"
	"github.com/fcbench/fcbench/internal/dial"
)

const (
	shown        = 2 << 10     // bytes of what a hook printed, in an error
	outputWithin = time.Second // of the end of a hook; what its children print later is lost
)

// Hooks are those of one scenario. End may be called from any goroutine.
type Hooks struct {
	config Config
	dialer *dial.Dialer

	mu     sync.Mutex  // held while a hook runs
	before *background // what prepare left; nil without prepare
	over   bool
}

// New returns the hooks that c asks for, or everything that is wrong with it.
// Connections of ready are dialer's.
func New(c Config, dialer *dial.Dialer) (*Hooks, error) {
	var problems []error
	for _, p := range c.Problems() {
		problems = append(problems, errors.New("hooks: "+p.Text))
	}
	return &Hooks{config: c, dialer: dialer}, errors.Join(problems...)
}

// Error is a hook that failed.
type Error struct {
	Hook   string // "prepare", "ready" or "cleanup"
	Err    error
	Output string // the last of what it printed, and what prepare left running
}

// Error says which hook failed, why, and what it printed.
func (e *Error) Error() string {
	if e.Output == "" {
		return fmt.Sprintf("hook %s: %v", e.Hook, e.Err)
	}
	return fmt.Sprintf("hook %s: %v; it printed:\n%s", e.Hook, e.Err, e.Output)
}

// Unwrap returns why the hook failed.
func (e *Error) Unwrap() error { return e.Err }

// failed is the error of a command.
func failed(hook string, err error, printed string) *Error {
	if printed == "" {
		err = fmt.Errorf("%w; it printed nothing", err)
	}
	return &Error{Hook: hook, Err: err, Output: printed}
}

// Run prepares, waits until the target is ready, calls f, and cleans up whatever
// happened: also when f panics, or ctx ends, in which case cleanup still gets its
// time. The error joins those of all of them; each of a hook is an [*Error].
func (h *Hooks) Run(ctx context.Context, f func(context.Context) error) (err error) {
	defer func() { err = errors.Join(err, h.End(context.WithoutCancel(ctx))) }()
	if err := h.begin(ctx); err != nil {
		return err
	}
	return f(ctx)
}

// begin prepares and waits until the target is ready. End must be called, also
// when it fails.
func (h *Hooks) begin(ctx context.Context) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.over {
		return errors.New("hooks: they are over")
	}
	if h.config.Prepare != "" {
		if err := h.prepare(ctx); err != nil {
			return err
		}
	}
	if h.config.Ready.asked() {
		return h.ready(ctx)
	}
	return nil
}

// End cleans up, once, and says once how that went. When ctx ends, cleanup is
// killed. It waits for a beginning that is not over, whose own ctx should have ended.
func (h *Hooks) End(ctx context.Context) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.over {
		return nil
	}
	h.over = true
	defer h.before.end()
	if h.config.Cleanup == "" {
		return nil
	}
	return h.cleanup(ctx)
}

func (h *Hooks) prepare(ctx context.Context) error {
	b, err := newBackground()
	if err != nil {
		return &Error{Hook: "prepare", Err: err}
	}
	h.before = b
	limited, cancel := h.within(ctx)
	defer cancel()
	if err := b.run(limited, h.config.Prepare); err != nil {
		return failed("prepare", err, b.printed.String())
	}
	return nil
}

func (h *Hooks) cleanup(ctx context.Context) error {
	limited, cancel := h.within(ctx)
	defer cancel()
	if printed, err := run(limited, h.config.Cleanup); err != nil {
		return failed("cleanup", err, printed)
	}
	return nil
}

// within bounds a hook.
func (h *Hooks) within(ctx context.Context) (context.Context, context.CancelFunc) {
	most := h.config.Timeout.Std()
	return context.WithTimeoutCause(ctx, most, &LateError{most})
}

// own is the variable by which commands find the program that runs them, such as to
// have it serve what is then loaded.
const own = "FCBENCH"

func shell(command string) *exec.Cmd {
	cmd := exec.Command("/bin/sh", "-c", command)
	if path, err := os.Executable(); err == nil && os.Getenv(own) == "" {
		cmd.Env = append(os.Environ(), own+"="+path)
	}
	return cmd
}

// run runs a command to its end, with all that it starts, and returns what it
// printed last.
func run(ctx context.Context, command string) (printed string, err error) {
	out := &child.Tail{Most: shown}
	cmd := shell(command)
	cmd.Stdout, cmd.Stderr, cmd.WaitDelay = out, out, outputWithin
	c, err := child.Start(cmd)
	if err != nil {
		return "", err
	}
	err = await(ctx, c, c.Kill)
	return out.String(), err
}

// await waits for the end of a child, which kill brings about when ctx ends.
func await(ctx context.Context, c *child.Child, kill func()) error {
	stop := context.AfterFunc(ctx, kill)
	err := c.Wait()
	if !stop() {
		return context.Cause(ctx)
	}
	return err
}

// Shell runs a command as a hook is run, with the same bounds: it returns the last of
// what was printed, and a *[LateError] where it took longer than within and was killed.
func Shell(ctx context.Context, command string, within time.Duration) (printed string, err error) {
	limited, cancel := context.WithTimeoutCause(ctx, within, &LateError{within})
	defer cancel()
	return run(limited, command)
}

// LateError says that a command was killed.
type LateError struct{ Within time.Duration }

func (e *LateError) Error() string {
	return fmt.Sprintf("it did not end within %v, and was killed", e.Within)
}
