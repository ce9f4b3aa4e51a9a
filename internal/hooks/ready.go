package hooks

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/fcbench/fcbench/internal/dial"
)

// attemptWithin is how long one attempt at a URL may take. A server that accepts
// connections and says nothing is asked again then.
const attemptWithin = 2 * time.Second

// ready asks until the answer is yes.
func (h *Hooks) ready(ctx context.Context) error {
	r := h.config.Ready
	deadline := time.Now().Add(r.Within.Std())
	limited, cancel := context.WithDeadline(ctx, deadline)
	defer cancel()
	ask := h.attempt()
	pause := time.NewTicker(r.Every.Std())
	defer pause.Stop()
	var printed string
	var last error
	for attempts := 1; ; attempts++ {
		said, err := ask(limited)
		var refused *dial.RefusedError
		switch {
		case err == nil:
			return nil
		case errors.As(err, &refused):
			return &Error{Hook: "ready", Err: refused}
		case last == nil || limited.Err() == nil && time.Now().Before(deadline): // else it was only cut short
			printed, last = said, err
		}
		pause.Reset(r.Every.Std())
		select {
		case <-pause.C:
			continue
		case <-limited.Done():
		}
		if ctx.Err() != nil {
			return h.unready(context.Cause(ctx), printed)
		}
		return h.unready(fmt.Errorf("not within %v, attempt %d: %w", r.Within, attempts, last), printed)
	}
}

func (h *Hooks) unready(err error, printed string) error {
	if output := h.told(printed); output != "" || h.config.Ready.URL != "" {
		return &Error{Hook: "ready", Err: err, Output: output}
	}
	return failed("ready", err, "")
}

// told joins what the last attempt printed and what prepare and its kin did.
func (h *Hooks) told(printed string) string {
	return strings.TrimSpace(printed + "\n" + h.before.sofar())
}

// attempt is one way to ask whether the target is ready; what was printed is told.
func (h *Hooks) attempt() func(context.Context) (printed string, err error) {
	r := h.config.Ready
	if r.Command != "" {
		return func(ctx context.Context) (string, error) { return run(ctx, r.Command) }
	}
	scheme, hostport := r.address()
	return func(ctx context.Context) (string, error) {
		ctx, cancel := context.WithTimeout(ctx, attemptWithin)
		defer cancel()
		if scheme == "tcp" {
			return "", h.connect(ctx, hostport)
		}
		return "", h.get(ctx)
	}
}

func (h *Hooks) connect(ctx context.Context, hostport string) error {
	conn, err := h.dialer.DialContext(ctx, "tcp", hostport)
	if err != nil {
		return err
	}
	return conn.Close()
}

func (h *Hooks) get(ctx context.Context) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, h.config.Ready.URL, nil)
	if err != nil {
		return err
	}
	transport := &http.Transport{DialContext: h.dialer.DialContext, DisableKeepAlives: true}
	response, err := transport.RoundTrip(request) // which follows no redirections
	if err != nil {
		return fmt.Errorf("GET %s: %w", h.config.Ready.URL, err)
	}
	_ = response.Body.Close()
	if response.StatusCode >= http.StatusBadRequest {
		return fmt.Errorf("GET %s: %s", h.config.Ready.URL, response.Status)
	}
	return nil
}
