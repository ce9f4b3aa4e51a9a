package selftest

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
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
	child   *child.Child
	in      io.Closer // its end is the service's
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
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	r, w, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	defer r.Close()
	s := &served{in: in, tail: &child.Tail{Most: said}}
	cmd.Stdout, cmd.Stderr, cmd.WaitDelay = w, s.tail, endWithin
	s.child, err = child.Start(cmd)
	if err = errors.Join(err, w.Close()); err != nil {
		return nil, err
	}
	if s.address, err = where(ctx, r); err != nil {
		return nil, errors.Join(fmt.Errorf("the service did not start: %w; it said %q", err, s.tail.Line()), s.end())
	}
	return s, nil
}

// where reads the address that a service says.
func where(ctx context.Context, r *os.File) (string, error) {
	_ = r.SetReadDeadline(time.Now().Add(longest))
	defer context.AfterFunc(ctx, func() { _ = r.SetReadDeadline(time.Unix(1, 0)) })()
	line, err := bufio.NewReader(r).ReadString('\n')
	return strings.TrimSpace(line), err
}

func (s *served) end() error {
	s.child.End(context.Background(), func() { _ = s.in.Close() }, endWithin)
	if err := s.child.Wait(); err != nil {
		return fmt.Errorf("the service ended with %w; it said %q", err, s.tail.Line())
	}
	return nil
}
