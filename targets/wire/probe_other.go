//go:build !unix

package wire

import "net"

// probe takes every connection for alive: this system does not tell.
type probe struct{}

func newProbe(net.Conn) probe { return probe{} }

func (probe) alive() bool { return true }
