package child

import (
	"bufio"
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"strings"
	"time"
)

// Service is a child that says in its first line of output where it is, and ends with
// its input.
type Service struct {
	*Child
	Line string // what it said
	in   io.Closer
}

// Serve starts cmd, whose input and output are the service's, and waits for its line for
// so long at most. One that says none is ended, with grace.
func Serve(ctx context.Context, cmd *exec.Cmd, within, grace time.Duration) (*Service, error) {
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	r, w, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	defer r.Close()
	cmd.Stdout = w
	c, err := Start(cmd)
	if err = errors.Join(err, w.Close()); err != nil {
		return nil, err
	}
	s := &Service{Child: c, in: in}
	if s.Line, err = firstLine(ctx, r, within); err != nil {
		return nil, errors.Join(err, s.Close(grace))
	}
	return s, nil
}

func firstLine(ctx context.Context, r *os.File, within time.Duration) (string, error) {
	_ = r.SetReadDeadline(time.Now().Add(within))
	defer context.AfterFunc(ctx, func() { _ = r.SetReadDeadline(time.Unix(1, 0)) })()
	line, err := bufio.NewReader(r).ReadString('\n')
	return strings.TrimSpace(line), err
}

// Close ends its input, and kills it if it is there still after grace.
func (s *Service) Close(grace time.Duration) error {
	s.End(context.Background(), func() { _ = s.in.Close() }, grace)
	return s.Wait()
}
