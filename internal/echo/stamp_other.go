//go:build !linux

package echo

import (
	"net"
	"time"
)

func note(*net.UDPConn) error { return ErrUnknown }

func noted(control []byte) (time.Time, error) { return time.Time{}, garbled(control) }
