package selftest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"

	"github.com/fcbench/fcbench/internal/child"
)

// answer is an HTTP service: it says where it listens, and answers until its
// input ends, /after/DURATION so much later.
func answer(in io.Reader, out io.Writer) error {
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		return err
	}
	if _, err := fmt.Fprintln(out, l.Addr()); err != nil {
		return errors.Join(err, l.Close())
	}
	s := &http.Server{Handler: handler(), ReadHeaderTimeout: longest}
	go func() {
		_, _ = io.Copy(io.Discard, in)
		_ = s.Close()
	}()
	if err := s.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

func handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("/{$}", func(http.ResponseWriter, *http.Request) {})
	mux.HandleFunc("/after/{time}", func(w http.ResponseWriter, r *http.Request) {
		wait, err := time.ParseDuration(r.PathValue("time"))
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		timer := time.NewTimer(wait)
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-r.Context().Done():
		}
	})
	return mux
}

// served is such a service in a process of its own.
type served struct {
	address string
	service *child.Service
	tail    *child.Tail
}

// serve starts the service, on the last CPU there is.
func (b *bench) serve(ctx context.Context) (*served, error) {
	j := job{Role: roleServe}
	if n := len(b.cpus); n > 1 {
		j.Confine.CPUs = b.cpus[n-1:]
	}
	cmd, err := j.command(b.self)
	if err != nil {
		return nil, err
	}
	s := &served{tail: &child.Tail{Most: said}}
	cmd.Stderr, cmd.WaitDelay = s.tail, endWithin
	if s.service, err = child.Serve(ctx, cmd, longest, endWithin); err != nil {
		return nil, fmt.Errorf("the service did not start: %w; it said %q", err, s.tail.Line())
	}
	s.address = s.service.Line
	return s, nil
}

func (s *served) end() error {
	if err := s.service.Close(endWithin); err != nil {
		return fmt.Errorf("the service ended with %w; it said %q", err, s.tail.Line())
	}
	return nil
}
