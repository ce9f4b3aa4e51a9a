package ownfault_test

import (
	"errors"
	"fmt"
	"net"
	"os"
	"strings"
	"syscall"
	"testing"

	"github.com/fcbench/fcbench/internal/ownfault"
)

// dial is an error as package net wraps it.
func dial(network, call string, no syscall.Errno) error {
	return &net.OpError{Op: "dial", Net: network, Err: os.NewSyscallError(call, no)}
}

func TestCause(t *testing.T) {
	refused := dial("tcp", "connect", syscall.ECONNREFUSED)
	noFile := dial("tcp", "socket", syscall.EMFILE)
	noPort := dial("tcp", "connect", syscall.EADDRNOTAVAIL)
	for name, c := range map[string]struct {
		err  error
		want string
	}{
		"none":                       {nil, ""},
		"refused":                    {refused, ""},
		"reset":                      {&net.OpError{Op: "read", Net: "tcp", Err: syscall.ECONNRESET}, ""},
		"text":                       {errors.New("too many open files"), ""}, // a service may say so of itself
		"descriptors":                {noFile, "generator: too many open files"},
		"descriptors, wrapped":       {fmt.Errorf("redis-gcra: key %q: %w", "k", noFile), "generator: too many open files"},
		"descriptors of the machine": {dial("tcp", "socket", syscall.ENFILE), "generator: too many open files in system"},
		"ports":                      {noPort, "generator: cannot assign requested address"},
		"buffers, on write":          {&net.OpError{Op: "write", Net: "tcp", Err: os.NewSyscallError("write", syscall.ENOBUFS)}, "generator: no buffer space available"},
		"memory":                     {dial("tcp", "connect", syscall.ENOMEM), "generator: cannot allocate memory"},
		"processes":                  {&os.PathError{Op: "fork/exec", Path: "x", Err: syscall.EAGAIN}, "generator: resource temporarily unavailable"},
		"a listener's backlog":       {dial("unix", "connect", syscall.EAGAIN), ""},
		"descriptors, unix socket":   {dial("unix", "socket", syscall.EMFILE), "generator: too many open files"},
		"two addresses, both":        {errors.Join(noPort, noFile), "generator: cannot assign requested address"},
		"two addresses, one refused": {errors.Join(noPort, refused), ""}, // "localhost" without IPv6
		"one refused, two addresses": {errors.Join(refused, noPort), ""},
		"a name, no socket to ask":   {&net.DNSError{Err: "dial udp 192.0.2.1:53: socket: too many open files", Name: "h"}, "generator: too many open files"},
		"a name that nobody has":     {&net.DNSError{Err: "no such host", Name: "h", IsNotFound: true}, ""},
	} {
		if got := ownfault.Cause(c.err); got != c.want || ownfault.Is(got) != (c.want != "") {
			t.Errorf("%s: %q; want %q", name, got, c.want)
		}
	}
}

// TestExplain: whatever cause is named can be explained, and says what to change.
func TestExplain(t *testing.T) {
	for no, want := range map[syscall.Errno]string{
		syscall.EMFILE: "ulimit -n", syscall.ENFILE: "fs.file-max", syscall.EADDRNOTAVAIL: "ip_local_port_range",
		syscall.ENOBUFS: "max_in_flight", syscall.ENOMEM: "max_in_flight", syscall.EAGAIN: "ulimit -u",
	} {
		lack, remedy := ownfault.Explain(ownfault.Cause(no), 0)
		if strings.HasPrefix(lack, "failed") || !strings.Contains(remedy, want) {
			t.Errorf("%v: the generator %s; %s: want it to say %s", no, lack, remedy, want)
		}
	}
	if lack, _ := ownfault.Explain(ownfault.Cause(syscall.EMFILE), 20); lack != "ran out of file descriptors (limit 20)" {
		t.Errorf("the generator %s; want the limit named", lack)
	}
	if lack, remedy := ownfault.Explain("generator: something new", 0); lack == "" || remedy == "" {
		t.Error("a cause of a later version is not explained")
	}
}
