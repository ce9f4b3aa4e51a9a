// Package ownfault tells what the generator's own machine could not do from what
// the service did wrong. A connection that is not made because this process has
// no file descriptor left says nothing of whom it was to reach; a run in which
// that happened is no measurement of it.
package ownfault

import (
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"
	"syscall"
)

// prefix marks a cause as the generator's own.
const prefix = "generator: "

// kind is one thing that the generator's machine runs out of.
type kind struct {
	errno  syscall.Errno
	lack   string // what the generator did, as in "the generator ran out of memory"
	remedy string
}

func kinds() []kind {
	return []kind{
		{syscall.EMFILE, "ran out of file descriptors", "raise ulimit -n, or bound the connections"},
		{syscall.ENFILE, "found no file descriptor left on its machine", "raise fs.file-max, or bound the connections"},
		{syscall.EADDRNOTAVAIL, "had no local address and port to connect from", "keep connections open, widen net.ipv4.ip_local_port_range, or aim at an address that this machine can reach"},
		{syscall.ENOBUFS, "ran out of socket buffers", "lower max_in_flight, or give the kernel's sockets more memory"},
		{syscall.ENOMEM, "ran out of memory", "lower max_in_flight, or give it more"},
		{syscall.EAGAIN, "was refused a resource by its kernel", "lower max_in_flight, or raise ulimit -u and the limits of its container"},
	}
}

// Cause names err if it is a fault of the generator's own: "generator: too many
// open files". It is empty for all other errors. Where several things were tried
// in turn, such as the addresses of a name, all of them must have failed so.
func Cause(err error) string {
	if no := own(err); no != 0 {
		return prefix + no.Error()
	}
	return ""
}

// Is reports whether a cause is one of those that [Cause] names.
func Is(cause string) bool { return strings.HasPrefix(cause, prefix) }

// Explain says what the generator lacked and what would help, for a cause that
// [Cause] named. It may have so many files open at once; 0 stands for any number.
func Explain(cause string, files uint64) (lack, remedy string) {
	text := strings.TrimPrefix(cause, prefix)
	for _, k := range kinds() {
		switch {
		case k.errno.Error() != text:
		case k.errno == syscall.EMFILE && files > 0:
			return fmt.Sprintf("%s (limit %d)", k.lack, files), k.remedy
		default:
			return k.lack, k.remedy
		}
	}
	return "failed: " + text, "free what it needs"
}

// own is the errno that makes err a fault of the generator's; 0 for none.
func own(err error) syscall.Errno {
	switch e := err.(type) {
	case nil:
		return 0
	case syscall.Errno:
		if slices.ContainsFunc(kinds(), func(k kind) bool { return k.errno == e }) {
			return e
		}
		return 0
	case *net.DNSError:
		return told(e.Err)
	case *net.OpError:
		if backlogFull(e) {
			return 0
		}
	case interface{ Unwrap() []error }:
		return all(e.Unwrap())
	}
	return own(errors.Unwrap(err))
}

// all is the first errno of errs if each of them is the generator's fault.
func all(errs []error) (first syscall.Errno) {
	for _, err := range errs {
		no := own(err)
		if no == 0 {
			return 0
		}
		if first == 0 {
			first = no
		}
	}
	return first
}

// told finds an errno in the words of an error that does not carry it, as those
// of package net about names do not.
func told(text string) syscall.Errno {
	for _, k := range kinds() {
		if strings.HasSuffix(text, k.errno.Error()) {
			return k.errno
		}
	}
	return 0
}

// backlogFull reports whether a unix socket was not taken because whoever
// listens has too many that wait: that is the service's doing.
func backlogFull(e *net.OpError) bool {
	return e.Op == "dial" && strings.HasPrefix(e.Net, "unix") && errors.Is(e.Err, syscall.EAGAIN)
}
