package targets

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"syscall"

	"github.com/fcbench/fcbench/internal/ownfault"
	"github.com/fcbench/fcbench/results"
)

// Failure is the response for an error: timed_out when its timeout or
// the drain ended it, else failed, with a cause from a small set so that causes can be counted.
func Failure(ctx context.Context, err error) Response {
	if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, os.ErrDeadlineExceeded) {
		return Response{Outcome: results.TimedOut, Cause: "timeout"}
	}
	if ctx.Err() != nil {
		return Response{Outcome: results.TimedOut, Cause: "drain"}
	}
	return Response{Outcome: results.Failed, Cause: Cause(err)}
}

// Cause names an error without the addresses and ports that make every
// instance of it different.
func Cause(err error) string {
	var no syscall.Errno
	var dns *net.DNSError
	var timeout interface{ Timeout() bool }
	if own := ownfault.Cause(err); own != "" {
		return own
	}
	err = theirs(err)
	switch {
	case errors.As(err, &no):
		return no.Error()
	case errors.As(err, &dns) && dns.IsNotFound:
		return "no such host"
	case errors.As(err, &dns) && dns.IsTimeout:
		return "host name not resolved in time"
	case errors.As(err, &dns):
		return "host name not resolved"
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return "connection closed by the other side"
	case errors.Is(err, net.ErrClosed):
		return "connection closed"
	case errors.As(err, &timeout) && timeout.Timeout():
		return "network timeout"
	}
	return few(innermost(err).Error())
}

// theirs leaves out what was the generator's own fault, where several things were
// tried in turn and others failed for a reason of their own.
func theirs(err error) error {
	var tried interface{ Unwrap() []error }
	if errors.As(err, &tried) {
		for _, one := range tried.Unwrap() {
			if ownfault.Cause(one) == "" {
				return one
			}
		}
	}
	return err
}

// innermost is the error that started it, without what was wrapped around it
// on the way, such as the key that was asked for.
func innermost(err error) error {
	for {
		next := errors.Unwrap(err)
		if next == nil {
			return err
		}
		err = next
	}
}
