//go:build !unix

package redisproc

import "errors"

var errSignals = errors.New("this system cannot stop a process in its tracks")

func pause(*process) error  { return errSignals }
func resume(*process) error { return errSignals }
