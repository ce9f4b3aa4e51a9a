package gating

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"

	"github.com/fcbench/fcbench/ci"
	"github.com/fcbench/fcbench/internal/child"
	"github.com/fcbench/fcbench/internal/hooks"
)

// started measures a service that is started for each run and ended after it, so that
// every run has a fresh process.
type started struct {
	inWorld
	built built
}

func (s *started) words() string {
	if s.built.words != "" {
		return fmt.Sprintf("%s of %s", s.side.Build.Pkg, s.built.words)
	}
	return s.side.Command
}

func (s *started) identity() string {
	if s.side.Build == nil {
		return s.side.Text()
	}
	return s.built.identity(s.side.Text(), s.side.Build.Ref)
}

func (s *started) prepare(ctx context.Context) (all []subject, err error) {
	if s.side.Build != nil {
		if s.built, err = s.gate.build(ctx, s.side.Build); err != nil {
			return nil, err
		}
	}
	return s.inWorld.prepare(ctx)
}

// measure prepares, starts the service, waits until it is ready, measures, and ends
// it, whatever happened.
func (s *started) measure(ctx context.Context, i int, t turn) (all map[subject]ci.Measured, err error) {
	around, ready := s.side.Hooks, s.side.Hooks
	around.Ready, ready.Prepare, ready.Cleanup = hooks.Defaults().Ready, "", ""
	var outer []hooks.Config
	if around.Prepare != "" || around.Cleanup != "" {
		outer = append(outer, around)
	}
	return all, within(ctx, s.gate, outer, func(ctx context.Context) error {
		all, err = s.serve(ctx, ready, i, t)
		return err
	})
}

func (s *started) serve(ctx context.Context, ready hooks.Config, i int, t turn) (all map[subject]ci.Measured, err error) {
	out := &child.Tail{Most: shown}
	cmd := s.command()
	cmd.Stdout, cmd.Stderr, cmd.WaitDelay = out, out, outputWithin
	c, err := child.Start(cmd)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", s.words(), err)
	}
	defer func() {
		if killed := c.End(context.WithoutCancel(ctx), func() { _ = c.Signal(syscall.SIGTERM) }, s.side.Stop.Std()); killed && err == nil {
			s.gate.warn(fmt.Sprintf("%s did not end within %v when it was asked to, and was killed", s.words(), s.side.Stop))
		}
	}()
	alive, gone := context.WithCancelCause(ctx)
	defer gone(nil)
	go func() {
		select {
		case <-c.Ended():
			gone(&Died{s.words(), c.State().String(), strings.TrimSpace(out.String())})
		case <-alive.Done():
		}
	}()
	var inner []hooks.Config
	if ready.Ready.Command != "" || ready.Ready.URL != "" {
		inner = append(inner, ready)
	}
	err = within(alive, s.gate, inner, func(ctx context.Context) error {
		all, err = s.observed(ctx, i, t, c.PID())
		return err
	})
	var died *Died
	switch cause := context.Cause(alive); {
	case errors.As(cause, &died) && ctx.Err() == nil:
		return nil, died
	case err != nil && out.String() != "":
		err = fmt.Errorf("%w\n%s printed:\n%s", err, s.words(), strings.TrimSpace(out.String()))
	}
	return all, err
}

// Died is the error of a service that ended by itself.
type Died struct{ What, How, Printed string }

func (e *Died) Error() string {
	if e.Printed == "" {
		return fmt.Sprintf("%s ended by itself (%s) and printed nothing; want a command that stays in the foreground", e.What, e.How)
	}
	return fmt.Sprintf("%s ended by itself (%s); want a command that stays in the foreground; it printed:\n%s", e.What, e.How, e.Printed)
}

// command is what starts the service: a simple one takes the place of its shell, so
// that what is observed is the service.
func (s *started) command() *exec.Cmd {
	text := s.side.Command
	if text == "" {
		text = `"$BIN"`
	}
	if s.side.Pin != "" {
		text = "exec taskset -c " + s.side.Pin + " " + text
	} else if !strings.ContainsAny(text, ";&|<>()`\n") {
		text = "exec " + text
	}
	cmd := exec.Command("/bin/sh", "-c", text)
	cmd.Env = append(os.Environ(), s.side.Env...)
	if s.built.binary != "" {
		cmd.Env = append(cmd.Env, "BIN="+s.built.binary)
	}
	if path, err := os.Executable(); err == nil && os.Getenv("FCBENCH") == "" {
		cmd.Env = append(cmd.Env, "FCBENCH="+path)
	}
	return cmd
}
