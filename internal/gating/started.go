package gating

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"

	"github.com/fcbench/fcbench/ci"
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
	all := append([]string{s.inWorld.identity(), s.side.Command, s.side.Pin}, slices.Sorted(slices.Values(s.side.Env))...)
	if s.side.Build != nil {
		all = append(all, s.built.identity(s.side.Build.Pkg))
	}
	return fmt.Sprintf("%q", all)
}

func (s *started) prepare(ctx context.Context) (all []subject, err error) {
	if s.side.Build != nil {
		if s.built, err = s.gate.build(ctx, s.side.Build); err != nil {
			return nil, err
		}
	}
	return s.inWorld.prepare(ctx)
}

// measure makes a run of a service that is started for it.
func (s *started) measure(ctx context.Context, i int, t turn) (all map[subject]ci.Measured, err error) {
	err = s.serving(ctx, i, func(ctx context.Context, pid int) (err error) {
		all, err = s.observed(ctx, i, t, pid)
		return err
	})
	if died := (*Died)(nil); errors.As(err, &died) {
		all = nil
	}
	return all, err
}

// serving prepares, starts the service, waits until it is ready, does f, and ends
// it, whatever happened.
func (s *started) serving(ctx context.Context, i int, f func(ctx context.Context, pid int) error) error {
	if err := s.built.anew(ctx); err != nil {
		return err
	}
	around, ready := s.side.Hooks, s.side.Hooks
	around.Ready, ready.Prepare, ready.Cleanup = hooks.Defaults().Ready, "", ""
	var outer []hooks.Config
	if around.Prepare != "" || around.Cleanup != "" {
		outer = append(outer, around)
	}
	return s.jobs[i].within(ctx, outer, func(ctx context.Context) error { return s.serve(ctx, ready, i, f) })
}

func (s *started) serve(ctx context.Context, ready hooks.Config, i int, f func(context.Context, int) error) (err error) {
	p, err := launch(s.command())
	if err != nil {
		return fmt.Errorf("%s: %w", s.words(), err)
	}
	defer p.group.End()
	alive, gone := context.WithCancelCause(ctx)
	defer gone(nil)
	go func() {
		select {
		case <-p.Ended():
			gone(&Died{What: s.words(), How: p.State().String()})
		case <-alive.Done():
		}
	}()
	var inner []hooks.Config
	if ready.Ready.Command != "" || ready.Ready.URL != "" {
		inner = append(inner, ready)
	}
	err = s.jobs[i].within(alive, inner, func(ctx context.Context) error { return f(ctx, p.PID()) })
	var died *Died
	ended := errors.As(context.Cause(alive), &died) && ctx.Err() == nil
	killed := p.end(context.WithoutCancel(ctx), s.side.Stop.Std())
	printed := strings.TrimSpace(p.printed.String())
	switch {
	case ended:
		died.Printed = printed
		return died
	case err != nil && printed != "":
		err = fmt.Errorf("%w\n%s printed:\n%s", err, s.words(), printed)
	case err == nil && killed:
		s.gate.warn(fmt.Sprintf("%s did not end within %v when it was asked to, and was killed", s.words(), s.side.Stop))
	}
	return err
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
	text := strings.TrimSpace(s.side.Command)
	if text == "" {
		text = `"$BIN"`
	}
	args := []string{"/bin/sh", "-c", replacing(text)}
	if s.side.Pin != "" {
		args = append([]string{"taskset", "-c", s.side.Pin}, args...)
	}
	cmd := exec.Command(args[0], args[1:]...)
	cmd.Env = append(os.Environ(), s.side.Env...)
	if s.built.binary != "" {
		cmd.Env = append(cmd.Env, "BIN="+s.built.binary)
	}
	if path, err := os.Executable(); err == nil && os.Getenv("FCBENCH") == "" {
		cmd.Env = append(cmd.Env, "FCBENCH="+path)
	}
	return cmd
}

// replacing is a command that takes the place of its shell where it is a simple one: a
// program with arguments. What has variables before it, or is the shell's own, stays
// as it is.
func replacing(text string) string {
	first := strings.Fields(text)[0]
	if strings.ContainsAny(text, ";&|<>()`\n") || strings.Contains(first, "=") || slices.Contains([]string{"exec", "command", "eval", ".", "!"}, first) {
		return text
	}
	return "exec " + text
}
