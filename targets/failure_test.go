package targets_test

import (
	"errors"
	"fmt"
	"net"
	"os"
	"strings"
	"syscall"
	"testing"

	"github.com/fcbench/fcbench/results"
	"github.com/fcbench/fcbench/targets"
)

// TestCausesAreFew: what differs from call to call is no part of a cause.
func TestCausesAreFew(t *testing.T) {
	for _, c := range []struct{ err, want string }{
		{"READONLY You can't write against a read only replica. script: 352aae52, on @user_script:12.", "READONLY You can't write against a read only replica."},
		{"ERR value under the key\nis not mine", "ERR value under the key"},
		{"MOVED 3999 127.0.0.1:6381", "moved"},
		{"MOVED 16383 :6381", "moved"},
		{"ASK 3999 [2001:db8::1]:6381", "ask"},
		{"ASKED for too much", "ASKED for too much"},
		{"CLUSTERDOWN Hash slot not served", "CLUSTERDOWN Hash slot not served"},
		{"ERR unknown command 'FOO', with args beginning with: 'k7' '1'", "ERR unknown command 'FOO'"},
		{"no answer from 192.0.2.7:6379 in 3 attempts", "no answer from … in 3 attempts"},
		{"node [2001:db8::1]:7000, or 2001:db8::2, is away", "node …, or …, is away"},
		{"sequence number 1234567 came after 1234569", "sequence number … came after …"},
		{"status 500 of 10", "status 500 of 10"},
		{"", "no reason given"},
		{strings.Repeat("\x9b", 81), "�"},
		{"a\xff\xfeb\xffc", "a�b�c"},
		{strings.Repeat("x", 79) + "\x9b\x9b", strings.Repeat("x", 79) + "…"},
		{strings.Repeat("x\x9b", 60), strings.Repeat("x�", 20) + "…"},
		{"x" + strings.Repeat("é", 60), "x" + strings.Repeat("é", 39) + "…"},
	} {
		r := targets.Failure(t.Context(), fmt.Errorf("redis-gcra: key %q: %w", "k7", errors.New(c.err)))
		if r.Outcome != results.Failed || r.Cause != c.want {
			t.Errorf("%q is %v: %q; want failed: %q", c.err, r.Outcome, r.Cause, c.want)
		}
	}
}

// TestCausesTellWhoseFault: what the generator's machine could not do is not
// charged to the service.
func TestCausesTellWhoseFault(t *testing.T) {
	dial := func(no syscall.Errno) error {
		return &net.OpError{Op: "dial", Net: "tcp", Err: os.NewSyscallError("connect", no)}
	}
	for _, c := range []struct {
		err  error
		want string
	}{
		{dial(syscall.EMFILE), "generator: too many open files"},
		{fmt.Errorf("redis-gcra: %w", dial(syscall.ENFILE)), "generator: too many open files in system"},
		{dial(syscall.ECONNREFUSED), "connection refused"},
		{errors.Join(dial(syscall.EADDRNOTAVAIL), dial(syscall.ECONNREFUSED)), "connection refused"},
		{errors.Join(dial(syscall.ECONNREFUSED), dial(syscall.EADDRNOTAVAIL)), "connection refused"},
		{&net.DNSError{Err: "no such host", IsNotFound: true}, "no such host"},
		{&net.DNSError{Err: "server misbehaving"}, "host name not resolved"},
	} {
		if r := targets.Failure(t.Context(), c.err); r.Outcome != results.Failed || r.Cause != c.want {
			t.Errorf("%v is %v: %q; want failed: %q", c.err, r.Outcome, r.Cause, c.want)
		}
	}
}
